using Barnabas.Tests.Nemesis.Drivers;
using Barnabas.Tests.Nemesis.Place;
using Barnabas.Tests.Nemesis.Servers;

namespace Barnabas.Tests.Nemesis.Faults;

/// <summary>Servers are killed; healed, they start again on what is on their disks.</summary>
internal sealed class Killed(string what, params IReadOnlyList<ServerProcess> servers) : Fault(what)
{
    /// <inheritdoc/>
    public override Task InjectAsync()
    {
        foreach (var server in servers)
            server.Kill();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task HealAsync()
    {
        foreach (var server in servers)
            server.Start();
        return Task.CompletedTask;
    }
}

/// <summary>A server is told to stop, and starts again.</summary>
internal sealed class Stopped(string what, ServerProcess server) : Fault(what)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>True when it had to be killed, for it did not stop by itself.</summary>
    public bool IsLate { get; private set; }

    /// <inheritdoc/>
    public override Task InjectAsync()
    {
        if (server.Id is { } id)
            Shell.Signal(id, "TERM");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task HealAsync()
    {
        var deadline = DateTime.UtcNow + Limit;
        while (server.IsRunning && DateTime.UtcNow < deadline)
            await Task.Delay(50);
        IsLate = server.IsRunning;
        server.Kill();
        server.Start();
    }
}

/// <summary>A server stands still for a while, and knows nothing of that.</summary>
internal sealed class Held(string what, ServerProcess server) : Fault(what)
{
    /// <inheritdoc/>
    public override Task InjectAsync()
    {
        server.Hold();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task HealAsync()
    {
        server.GoOn();
        return Task.CompletedTask;
    }
}

/// <summary>A client is killed; its successor begins by itself.</summary>
internal sealed class CopierKilled(Workload workload) : Fault("the copier of librdkafka is killed")
{
    /// <inheritdoc/>
    public override Task InjectAsync()
    {
        workload.KillCopier();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task HealAsync() => Task.CompletedTask;
}
