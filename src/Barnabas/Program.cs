using System.CommandLine;
using Barnabas.Cli.Commands.Start;

namespace Barnabas.Cli;

/// <summary>The one binary.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args)
    {
        var root = new RootCommand("Barnabas: Apache Kafka, written anew in C#") { StartCommand.Build() };
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }
}
