using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary>NATS JetStream and Redis streams, both in files and synced now and then, as a topic in the page
/// cache is.</summary>
internal sealed class PeersPart : ISuitePart
{
    private const int RecordSize = 1024;

    // Five requests hold 640 records; the peers have up to 4,000 on the way.
    private const int BatchSize = 128 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private int _streams;

    /// <inheritdoc/>
    public string Name => "peers";

    /// <inheritdoc/>
    public async Task RunAsync(SuiteContext suite, CancellationToken stop)
    {
        await using var broker = new LocalBroker(suite.NewDirectory());
        _ = broker.Start();
        await suite.WarmAsync(broker, bare: null, stop);
        await CompareAsync(
            suite, broker, "NATS JetStream", "nats-server",
            (port, directory) => ["-js", "-a", "127.0.0.1", "-p", port, "-sd", directory],
            (port, window) => new NatsLoad(port, RecordSize, $"bench{_streams++}", window), hasTarget: true, stop);
        await CompareAsync(
            suite, broker, "Redis streams", "redis-server",
            (port, directory) => ["--bind", "127.0.0.1", "--port", port, "--dir", directory, "--appendonly", "yes",
                "--appendfsync", "everysec", "--save", ""],
            (port, window) => new RedisLoad(port, RecordSize, window), hasTarget: false, stop);
    }

    private async Task CompareAsync(
        SuiteContext suite, LocalBroker broker, string peer, string program,
        Func<string, string, string[]> arguments, Func<int, RunWindow, ILoad> make, bool hasTarget,
        CancellationToken stop)
    {
        if (Find(program) is not { } path)
        {
            suite.Say($"{Name}: {peer} left out: there is no {program}; 'eng/install.sh bench' installs it");
            return;
        }

        var directory = Directory.CreateDirectory(suite.NewDirectory()).FullName;
        var port = ChildProcess.FreePort();
        using var server = ChildProcess.Start(path, arguments(ChildProcess.Text(port), directory));
        await ReadyAsync(port, peer, stop);
        var settings = new ProduceSettings { Shape = new() { BatchSize = BatchSize, RecordSize = RecordSize } };
        var what = $"produce, 1 KiB records, against {peer}";
        var (ours, theirs) = (new List<Trial>(), new List<Trial>());
        for (var round = 0; round < suite.Rounds; round++)
        {
            suite.TouchPages();
            theirs.Add(Trial.Of(await suite.RunAsync(window => make(port, window), server.Id, stop)));
            ours.Add(await suite.ProduceAsync(broker, "page-cache", settings, stop));
            suite.SayRound(Name, what, ours[round], peer, theirs[round]);
        }

        var (mine, other) = (Trial.Median(ours), Trial.Median(theirs));
        suite.AddRatio(
            Name, what, "MB/s of it", mine.Throughput, other.Throughput, hasTarget ? Bound.AtLeast(4) : null);
        suite.AddRatio(
            Name, what, "processor s/GB of it", mine.Processor, other.Processor,
            hasTarget ? Bound.AtMost(0.25) : null);
    }

    // Debian keeps servers where only root's path leads.
    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(["/usr/sbin", "/usr/local/sbin"]).Where(static one => one.Length > 0)
            .Select(one => Path.Combine(one, program)).FirstOrDefault(File.Exists);

    private static async Task ReadyAsync(int port, string peer, CancellationToken stop)
    {
        for (var deadline = DateTimeOffset.UtcNow + Patience; DateTimeOffset.UtcNow < deadline;)
        {
            try
            {
                using var socket = new System.Net.Sockets.TcpClient();
                await socket.ConnectAsync(System.Net.IPAddress.Loopback, port, stop);
                return;
            }
            catch (System.Net.Sockets.SocketException)
            {
                await Task.Delay(20, stop);
            }
        }

        throw new CliException(ExitCode.Failed, $"{peer} does not start");
    }
}
