using Barnabas.Base.Real;

namespace Barnabas.Cli;

/// <summary>The one binary.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args)
    {
        RealHost.InlineCompletions();
        return CommandLine.RunAsync(args);
    }
}
