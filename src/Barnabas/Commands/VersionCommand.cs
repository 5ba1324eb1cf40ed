using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas version</c></summary>
internal static class VersionCommand
{
    public static Command Make()
    {
        var output = GlobalOptions.Output();
        return Leaf.Make("version", "show the version", [output], (parsed, _) =>
        {
            var version = typeof(VersionCommand).Assembly
                .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
            using var to = new StdOut();
            if (parsed.GetValue(output) == OutputKind.Table)
            {
                to.WriteLine($"barnabas {version}");
                return Task.FromResult(ExitCode.Ok);
            }

            using (var json = Json.Writer(to))
            {
                json.WriteStartObject();
                json.WriteString("version", version);
                json.WriteString("kafka", "4.2");
                json.WriteString("runtime", RuntimeInformation.FrameworkDescription);
                json.WriteEndObject();
            }

            to.Write("\n"u8);
            return Task.FromResult(ExitCode.Ok);
        });
    }
}
