using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Barnabas.Base.Real;
using Barnabas.Tests.Golden;

namespace Barnabas.Tests.Fuzz;

/// <summary>Attacks on the real process over sockets of the loopback.</summary>
internal sealed class RealProcess : IDisposable
{
    private const int Attackers = 4;
    private const long MostGrowth = 512L << 20;
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(60);
    private readonly string _home = Directory.CreateTempSubdirectory("barnabas-fuzz-").FullName;
    private readonly int _port = FreePort();
    private readonly FuzzReport _report;
    private readonly ErrorLog _log = new();
    private Process? _process;

    internal RealProcess(FuzzReport report) => _report = report;

    private string LogPath => Path.Combine(_home, "broker.log");

    /// <summary>Attacks until the time is up, then kills the process and has it start again.</summary>
    /// <exception cref="FuzzFault">What it did wrong.</exception>
    public async Task PlayAsync(int seed, TimeSpan time)
    {
        var host = RealHost.Create(_log);
        var target = new Target(host, _port);
        await StartAsync();
        var (vocabulary, served) = await target.PrepareAsync();
        var before = Memory();
        var ends = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, Attackers).Select(number => Task.Run(() =>
            AttackAsync(seed + number, new CaseMaker(seed + number, vocabulary, served), target, ends))));
        Console.WriteLine($"the process has {Memory() >> 20} MiB; it began with {before >> 20} MiB");
        if (Memory() - before > MostGrowth)
            throw new FuzzFault($"the process grew by {(Memory() - before) >> 20} MiB");
        _report.Answered(target.Answered);
        Kill();
        CheckLog();
        await StartAsync();
        await target.CheckAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        _log.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    private async Task AttackAsync(int seed, CaseMaker maker, Target target, long ends)
    {
        var random = new Random(seed);
        for (var number = 1; Stopwatch.GetTimestamp() < ends; number++)
        {
            var hostile = maker.Next();
            _report.Begin(hostile, seed, number);
            var began = Stopwatch.GetTimestamp();
            await target.AttackAsync(hostile, random);
            _report.End(0, Stopwatch.GetElapsedTime(began));
            if (number % 100 != 0)
                continue;
            await target.CheckAsync();
            if (_process!.HasExited)
                throw new FuzzFault($"the process ended with {_process.ExitCode}:\n{Tail()}");
        }
    }

    private async Task StartAsync()
    {
        var binary = Path.Combine(Repository.Root, "artifacts", "bin", "Barnabas", "release", "barnabas");
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = _home };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(
            "exec \"$0\" start --data data --override listeners=PLAINTEXT://127.0.0.1:$1 >>broker.log 2>&1");
        start.ArgumentList.Add(binary);
        start.ArgumentList.Add(_port.ToString(CultureInfo.InvariantCulture));
        start.Environment["DOTNET_ROOT"] = Path.GetDirectoryName(Environment.ProcessPath);
        _process = Process.Start(start)!;
        var began = Stopwatch.GetTimestamp();
        while (!await IsListeningAsync())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(began) > Start)
                throw new FuzzFault($"the process does not start:\n{Tail()}");
            await Task.Delay(50);
        }
    }

    private async Task<bool> IsListeningAsync()
    {
        using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await probe.ConnectAsync(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private long Memory()
    {
        _process!.Refresh();
        return _process.WorkingSet64;
    }

    private void Kill()
    {
        if (_process is null)
            return;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    private void CheckLog()
    {
        var lines = File.ReadLines(LogPath).Where(line => line.Contains(" ERROR ", StringComparison.Ordinal)
            || line.Contains(" FATAL ", StringComparison.Ordinal)).Take(5).ToList();
        if (lines.Count > 0)
            throw new FuzzFault($"the process reported errors of its own:\n{string.Join('\n', lines)}");
    }

    private string Tail() =>
        File.Exists(LogPath) ? string.Join('\n', File.ReadLines(LogPath).TakeLast(20)) : "(no log)";

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
