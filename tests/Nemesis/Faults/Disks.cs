using System.Diagnostics;
using System.Globalization;
using Barnabas.Tests.Nemesis.Place;
using Barnabas.Tests.Nemesis.Servers;

namespace Barnabas.Tests.Nemesis.Faults;

/// <summary>There is no room left where a broker stores its logs. With room it goes on by itself.</summary>
internal sealed class DiskFull(BrokerProcess broker) : Fault($"the disk of {broker.Node} is full")
{
    /// <inheritdoc/>
    public override Task InjectAsync()
    {
        broker.Volume.Fill();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task HealAsync()
    {
        broker.Volume.Empty();
        // A checkpoint or a sync without room may be the end of its log directory, and with the last one of the broker.
        if (!broker.IsRunning)
            broker.Start();
        return Task.CompletedTask;
    }
}

/// <summary>A broker's syncs fail. Its log directory goes offline, and nothing is to be believed of it until the broker
/// has started again.</summary>
internal sealed class SyncFails(BrokerProcess broker) : Fault($"syncs of {broker.Node} fail"), IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private Process? _tracer;

    /// <inheritdoc/>
    public override async Task InjectAsync()
    {
        if (broker.Id is not { } id)
            return;
        var start = new ProcessStartInfo("strace")
        {
            RedirectStandardError = true,
        };
        foreach (var word in (string[])
        [
            "-f", "-qq", "-o", "/dev/null", "-p", id.ToString(CultureInfo.InvariantCulture),
            "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO",
        ])
        {
            start.ArgumentList.Add(word);
        }

        _tracer = Process.Start(start)!;
        var deadline = DateTime.UtcNow + Limit;
        while (!IsTraced(id) && DateTime.UtcNow < deadline && !_tracer.HasExited && broker.IsRunning)
            await Task.Delay(20);
        if (_tracer.HasExited && broker.IsRunning)
            throw new PlaceException($"strace: {(await _tracer.StandardError.ReadToEndAsync()).Trim()}");
    }

    /// <inheritdoc/>
    public override Task HealAsync()
    {
        broker.Kill();
        Dispose();
        broker.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_tracer is { HasExited: false })
            _tracer.Kill();
        _tracer?.Dispose();
        _tracer = null;
    }

    private static bool IsTraced(int process)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{process}/task").All(static task =>
                !File.ReadAllText(Path.Combine(task, "status")).Contains("TracerPid:\t0\n", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }
}
