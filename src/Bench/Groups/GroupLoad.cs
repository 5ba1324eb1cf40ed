using System.Diagnostics;
using Barnabas.Base;
using Barnabas.Base.Real;
using Barnabas.Rpc;
using Barnabas.Wire.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Bench;

/// <summary>Groups, every member with a connection of its own to the coordinator: what a rebalance, a heartbeat
/// and a commit take, and what they cost the broker.</summary>
public sealed class GroupLoad
{
    private const int HeartbeatRounds = 20;
    private const int CommitRounds = 10;
    private const short FindVersion = 4;
    private readonly Host _host = RealHost.Create(NullLoggerFactory.Instance);
    private readonly List<Figure> _figures = [];

    /// <summary>Where to begin.</summary>
    public required (string Host, int Port) Broker { get; init; }

    /// <summary>What the groups read: at least as many partitions as a group has members.</summary>
    public required string Topic { get; init; }

    /// <summary>How many groups.</summary>
    public required int Groups { get; init; }

    /// <summary>How many members each has.</summary>
    public required int Members { get; init; }

    /// <summary>The processes of brokers on this machine.</summary>
    public IReadOnlyList<int> Servers { get; init; } = [];

    /// <summary>Runs groups of the classic protocol through their life.</summary>
    /// <exception cref="LoadException">A member is refused.</exception>
    /// <exception cref="IOException">The connection to a broker is lost.</exception>
    public Task<IReadOnlyList<Figure>> RunClassicAsync() => RunAsync(
        static (peer, group, topic, partition) => new ClassicMember(peer, group, topic, partition),
        static everybody => Task.WhenAll(everybody.Select(static m => m.JoinAsync())),
        static everybody => ClassicMember.RebalanceAsync([.. everybody]));

    /// <summary>Runs groups of the consumer protocol (KIP-848) through their life.</summary>
    /// <exception cref="LoadException">A member is refused.</exception>
    /// <exception cref="IOException">The connection to a broker is lost.</exception>
    public Task<IReadOnlyList<Figure>> RunConsumerAsync() => RunAsync(
        static (peer, group, topic, partition) => new ConsumerMember(peer, group, topic, partition),
        JoinAsync,
        everybody => Task.WhenAll(Split(everybody).Select(ConsumerMember.RebalanceAsync)));

    private async Task JoinAsync(IReadOnlyList<ConsumerMember> everybody)
    {
        await Task.WhenAll(everybody.Select(static m => m.JoinAsync()));
        await Task.WhenAll(Split(everybody).Select(group => ConsumerMember.SettleAsync(group, Members)));
    }

    private IEnumerable<IReadOnlyList<T>> Split<T>(IReadOnlyList<T> everybody) => everybody.Chunk(Members);

    private async Task<IReadOnlyList<Figure>> RunAsync<TMember>(
        Func<Peer, string, string, int, TMember> make,
        Func<IReadOnlyList<TMember>, Task> join, Func<IReadOnlyList<TMember>, Task> rebalance)
        where TMember : GroupMember
    {
        // Groups of runs before would be found again.
        var run = Guid.NewGuid().ToString("N")[..8];
        var everybody = new List<TMember>();
        try
        {
            for (var group = 0; group < Groups; group++)
            {
                var name = $"bench-{run}-{group}";
                var (host, port) = await CoordinatorAsync(name);
                for (var member = 0; member < Members; member++)
                {
                    var peer = await Peer.DialAsync(_host, host, port, new PeerOptions());
                    everybody.Add(make(peer, name, Topic, member));
                }
            }

            await MeasureAsync("find", 1, () => Task.WhenAll(everybody.Select(static m => m.FindAsync())));
            await MeasureAsync("join", 1, () => join(everybody));
            await MeasureAsync("rebalance", 1, () => rebalance(everybody));
            await MeasureAsync(
                "heartbeat", HeartbeatRounds * everybody.Count,
                () => InRoundsAsync(everybody, HeartbeatRounds, static (m, _) => m.BeatAsync()));
            await MeasureAsync(
                "commit", CommitRounds * everybody.Count,
                () => InRoundsAsync(everybody, CommitRounds, static (m, round) => m.CommitAsync(round)));
            if (ProcessUsage.Read(Servers) is { } usage)
                _figures.Add(new("server memory", usage.Resident / (double)(1 << 20), "MiB", Better.Less));
            return _figures;
        }
        finally
        {
            foreach (var member in everybody)
                await member.DisposeAsync();
        }
    }

    // On a fresh cluster the coordinator's topic is made first.
    private async Task<(string Host, int Port)> CoordinatorAsync(string group)
    {
        var patience = TimeSpan.FromSeconds(30);
        var begun = Stopwatch.GetTimestamp();
        await using var peer = await Peer.DialAsync(_host, Broker.Host, Broker.Port, new PeerOptions());
        while (true)
        {
            var answer = await peer.SendAsync(
                new FindCoordinatorRequest { CoordinatorKeys = [group] }, FindVersion, patience);
            var found = answer.Coordinators[0];
            if (found.ErrorCode == ErrorCode.None)
                return (found.Host, found.Port);
            if (Stopwatch.GetElapsedTime(begun) > patience)
                throw new LoadException($"a group's coordinator is not found: {found.ErrorCode.KafkaName()}");
            await Task.Delay(20);
        }
    }

    private static async Task InRoundsAsync(
        IReadOnlyList<GroupMember> everybody, int rounds, Func<GroupMember, int, Task<ErrorCode>> ask)
    {
        for (var round = 0; round < rounds; round++)
        {
            foreach (var error in await Task.WhenAll(everybody.Select(m => ask(m, round))))
            {
                if (error != ErrorCode.None)
                    throw new LoadException($"a member of a group was told {error.KafkaName()}");
            }
        }
    }

    private async Task MeasureAsync(string what, int count, Func<Task> act)
    {
        var (begun, before) = (Stopwatch.GetTimestamp(), ProcessUsage.Read(Servers));
        await act();
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        _figures.Add(count == 1
            ? new(what, seconds, "s", Better.Less)
            : new($"{what}s", count / seconds, "/s", Better.More));
        if (before is not { } from || ProcessUsage.Read(Servers) is not { } to)
            return;
        var processor = (to.Processor - from.Processor).TotalSeconds;
        _figures.Add(count == 1
            ? new($"{what}, server processor", processor, "s", Better.Less)
            : new($"{what}, server processor", processor / count * 1e6, "us", Better.Less));
    }
}
