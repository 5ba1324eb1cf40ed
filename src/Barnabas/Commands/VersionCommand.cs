using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas version</c></summary>
internal static class VersionCommand
{
    /// <summary>The release of Apache Kafka whose protocol and features are served.</summary>
    private const string Kafka = "4.2";

    public static Command Make() => Leaf.Make("version", "show the version", [], (parsed, _) =>
    {
        var version = typeof(VersionCommand).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        Document.Write(
            parsed,
            () => new JsonObject
            {
                ["version"] = version,
                ["kafka"] = Kafka,
                ["runtime"] = RuntimeInformation.FrameworkDescription,
            },
            (to, isWide) => to.WriteLine(
                $"barnabas {version}{(isWide ? $"  kafka {Kafka}  {RuntimeInformation.FrameworkDescription}" : "")}"));
        return Task.FromResult(ExitCode.Ok);
    });
}
