using System.Globalization;

namespace Barnabas.Cli.Commands;

/// <summary>The bare server of <c>bench/Limits</c>, in a process and a directory of its own: what the machine
/// allows. Only a checkout has it.</summary>
internal sealed class BareServer : IDisposable
{
    private const string Project = "bench/Limits";
    private readonly ChildProcess _process;
    private readonly string _directory;

    private BareServer(ChildProcess process, string directory, int port) =>
        (_process, _directory, Port) = (process, directory, port);

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Its process.</summary>
    public int Process => _process.Id;

    /// <summary>The checkout this program was built in; null where there is none.</summary>
    public static string? Checkout()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Barnabas.slnx")))
                return at.FullName;
        }

        return null;
    }

    /// <summary>Builds it where need be, and starts it.</summary>
    /// <exception cref="CliException">There is no checkout, or it does not build.</exception>
    public static async Task<BareServer> StartAsync(string directory, CancellationToken stop)
    {
        var checkout = Checkout() ?? throw new CliException(
            ExitCode.Failed, $"the limits are measured by {Project}, which only a checkout has: run ./barnabas there");
        var program = Path.Combine(checkout, "artifacts/bin/Limits/release/Barnabas.Bench.Limits.dll");
        if (!File.Exists(program) && await ChildProcess.RunAsync(
            Path.Combine(checkout, "eng/build.sh"), [Path.Combine(checkout, Project)], stop) is null)
        {
            throw new CliException(ExitCode.Failed, $"{Project} does not build: see artifacts/build.log");
        }

        var process = ChildProcess.Start("dotnet", [program, directory]);
        var line = await process.Output.ReadLineAsync(stop);
        if (int.TryParse(line, CultureInfo.InvariantCulture, out var port))
            return new BareServer(process, directory, port);
        process.Dispose();
        throw new CliException(ExitCode.Failed, $"{Project} does not start");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Dispose();
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }
}
