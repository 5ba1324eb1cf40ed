using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Barnabas.Bench;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary>A node of this very program, in a process and a directory of its own.</summary>
internal sealed partial class LocalBroker : IAsyncDisposable
{
    private const string Localhost = "127.0.0.1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);
    private readonly string _directory;
    private readonly string[] _overrides;
    private readonly int _pages = ChildProcess.FreePort();
    private ChildProcess? _process;
    private KafkaClient? _client;
    private int _topics;
    private string? _spent;

    /// <summary>A node that has not been started.</summary>
    /// <param name="directory">Where its data is; deleted at the end.</param>
    /// <param name="overrides">Configs, as <c>key=value</c>.</param>
    public LocalBroker(string directory, params string[] overrides) =>
        (_directory, _overrides) = (directory, overrides);

    /// <summary>Where it listens.</summary>
    public int Port { get; } = ChildProcess.FreePort();

    /// <summary>Its process.</summary>
    public int Process => _process!.Id;

    /// <summary>A client of it.</summary>
    public KafkaClient Client => _client ??= new KafkaClient(new KafkaClientOptions
    {
        BootstrapServers = [$"{Localhost}:{Port}"],
        ClientId = "barnabas-bench",
        ApiTimeout = Patience,
        RequestTimeout = Patience,
    });

    /// <summary>Starts it.</summary>
    /// <returns>From the start of the process to its first answer.</returns>
    /// <exception cref="CliException">It does not answer.</exception>
    public TimeSpan Start()
    {
        var (program, before) = Self();
        var at = new IPEndPoint(IPAddress.Loopback, Port);
        var begun = Stopwatch.GetTimestamp();
        _process = ChildProcess.Start(program,
        [
            .. before, "start", "--data", _directory, "--listen", string.Create(
                CultureInfo.InvariantCulture, $"{Localhost}:{Port}"),
            "--override", $"barnabas.http.listener={Localhost}:{ChildProcess.Text(_pages)}",
            .. _overrides.SelectMany(static one => (string[])["--override", one]),
        ]);
        while (Stopwatch.GetElapsedTime(begun) < Patience && !_process.HasEnded)
        {
            if (IsListenedAt(at) && IsAnswered())
                return Stopwatch.GetElapsedTime(begun);
            Thread.Sleep(Pause);
        }

        throw new CliException(ExitCode.Failed, "the broker to be measured does not start");
    }

    /// <summary>Stops it as SIGTERM does.</summary>
    public async Task StopAsync()
    {
        await LeaveAsync();
        _process?.Stop();
    }

    /// <summary>Kills it.</summary>
    public async Task KillAsync()
    {
        await LeaveAsync();
        _process?.Kill();
    }

    /// <summary>Makes a topic of a name of its own.</summary>
    /// <param name="durability">Its durability.</param>
    /// <param name="partitions">How many partitions it has.</param>
    /// <param name="stop">Ends the wait.</param>
    public async Task<string> CreateTopicAsync(string durability, int partitions, CancellationToken stop)
    {
        var name = $"bench-{ChildProcess.Text(_topics++)}";
        _ = await Client.Admin.CreateTopicAsync(
            new NewTopic(name, partitions, 1)
            {
                Configs = new(StringComparer.Ordinal)
                {
                    ["barnabas.durability"] = durability,
                    ["file.delete.delay.ms"] = "0",
                },
            }, stop);
        return name;
    }

    /// <summary>The partitions of a topic.</summary>
    public Task<IReadOnlyList<Target>> TargetsAsync(string topic, CancellationToken stop) =>
        BenchTopic.TargetsAsync(Client, topic, Patience, stop);

    /// <summary>Deletes a topic, and waits until its files are gone.</summary>
    public async Task DeleteTopicAsync(string topic, CancellationToken stop)
    {
        _ = await Client.Admin.DeleteTopicsAsync([topic], stop);
        while (Directory.EnumerateDirectories(_directory, $"{topic}-*").Any())
            await Task.Delay(Pause, stop);
    }

    /// <summary>Deletes the topic that was given to the call before. What is free for long on a machine is not as
    /// good as new (<see cref="FreshPages"/>): a run begins with what was just given up.</summary>
    /// <param name="next">The topic to be deleted by the next call.</param>
    /// <param name="stop">Ends the wait.</param>
    public async Task DropSpentAsync(string next, CancellationToken stop)
    {
        if (_spent is { } topic)
            await DeleteTopicAsync(topic, stop);
        _spent = next;
    }

    /// <summary>A metric of the node, all its series together; null where there is none of the name.</summary>
    public async Task<double?> MetricAsync(string name, CancellationToken stop) =>
        (await ServerMetrics.ReadAsync(new Uri($"http://{Localhost}:{ChildProcess.Text(_pages)}/metrics"), stop))[name];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        _process?.Dispose();
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    private bool IsAnswered()
    {
        try
        {
            using var line = Line.Dial(Localhost, Port, Patience);
            line.Greet();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    // A dial that is refused throws, and a throw each millisecond slows the start down. Nor may this wait for
    // the runtime's threads that watch sockets: it may run on one of them.
    private static bool IsListenedAt(IPEndPoint at)
    {
        if (OperatingSystem.IsWindows())
            return true;
        using var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        var address = at.Serialize();
        return Connect(socket.SafeHandle, address.Buffer.Span, address.Size) == 0;
    }

    [LibraryImport("libc", EntryPoint = "connect")]
    private static partial int Connect(SafeSocketHandle socket, ReadOnlySpan<byte> address, int size);

    private async Task LeaveAsync()
    {
        if (_client is { } client)
            await client.DisposeAsync();
        _client = null;
    }

    // The binary itself, or dotnet with the assembly where it was called so.
    private static (string Program, string[] Before) Self() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet"
            ? (Environment.ProcessPath!, [Path.Combine(AppContext.BaseDirectory, "barnabas.dll")])
            : (Environment.ProcessPath!, []);
}
