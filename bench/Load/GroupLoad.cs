using System.Diagnostics;
using System.Globalization;
using Barnabas.Base;
using Barnabas.Base.Real;
using Barnabas.Rpc;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Bench.Load;

/// <summary>Groups, every member with a connection of its own: what a rebalance, a heartbeat and a commit take, and
/// what they cost the broker.</summary>
/// <param name="Server">The broker's address.</param>
/// <param name="Topic">What the groups read: at least as many partitions as a group has members.</param>
/// <param name="BrokerProcess">The broker's process id.</param>
internal sealed record GroupLoad(string Server, string Topic, int BrokerProcess)
{
    private const int HeartbeatRounds = 20;
    private const int CommitRounds = 10;

    /// <summary>Runs so many groups of the classic protocol with so many members each through their life, and prints
    /// what that took as one line of JSON.</summary>
    public Task RunClassicAsync(int groups, int members) => RunAsync(
        groups, members,
        static (peer, group, topic, partition) => new ClassicMember(peer, group, topic, partition),
        static everybody => Task.WhenAll(everybody.Select(static m => m.JoinAsync())),
        static everybody => ClassicMember.RebalanceAsync([.. everybody]));

    /// <summary>Runs one group of the consumer protocol through its life, and prints what that took as one line of
    /// JSON.</summary>
    public Task RunConsumerAsync(int members) => RunAsync(
        1, members,
        static (peer, group, topic, partition) => new ConsumerMember(peer, group, topic, partition),
        static async everybody =>
        {
            await Task.WhenAll(everybody.Select(static m => m.JoinAsync()));
            await ConsumerMember.SettleAsync([.. everybody], everybody.Count);
        },
        static everybody => ConsumerMember.RebalanceAsync([.. everybody]));

    private async Task RunAsync<TMember>(
        int groups, int members, Func<Peer, string, string, int, TMember> make,
        Func<IReadOnlyList<TMember>, Task> join, Func<IReadOnlyList<TMember>, Task> rebalance)
        where TMember : GroupMember
    {
        var host = RealHost.Create(NullLoggerFactory.Instance);
        var at = Server.LastIndexOf(':');
        var (name, port) = (Server[..at], int.Parse(Server[(at + 1)..], CultureInfo.InvariantCulture));
        var everybody = new List<TMember>();
        for (var i = 0; i < groups * members; i++)
        {
            var peer = await Peer.DialAsync(host, name, port, new PeerOptions());
            everybody.Add(make(peer, $"group-{i / members}", Topic, i % members));
        }

        var found = await MeasureAsync(() => Task.WhenAll(everybody.Select(static m => m.FindAsync())));
        var joined = await MeasureAsync(() => join(everybody));
        var rebalanced = await MeasureAsync(() => rebalance(everybody));
        var beaten = await MeasureAsync(
            () => InRoundsAsync(everybody, HeartbeatRounds, static (m, _) => m.BeatAsync()));
        var committed = await MeasureAsync(
            () => InRoundsAsync(everybody, CommitRounds, static (m, round) => m.CommitAsync(round)));
        var (beats, commits) = (HeartbeatRounds * everybody.Count, CommitRounds * everybody.Count);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"find": {{found.Seconds:F3}}, "join": {{joined.Seconds:F3}}, "join_cpu": {{joined.Cpu:F2}},
             "rebalance": {{rebalanced.Seconds:F3}}, "rebalance_cpu": {{rebalanced.Cpu:F2}},
             "heartbeats": {{beats / beaten.Seconds:F0}}, "heartbeat_cpu": {{beaten.Cpu / beats * 1e6:F1}},
             "commits": {{commits / committed.Seconds:F0}}, "commit_cpu": {{committed.Cpu / commits * 1e6:F1}},
             "memory": {{MemoryOf(BrokerProcess)}}}
            """).ReplaceLineEndings(""));
        foreach (var member in everybody)
            await member.DisposeAsync();
    }

    private static async Task InRoundsAsync(
        IReadOnlyList<GroupMember> everybody, int rounds, Func<GroupMember, int, Task<ErrorCode>> ask)
    {
        for (var round = 0; round < rounds; round++)
        {
            foreach (var error in await Task.WhenAll(everybody.Select(m => ask(m, round))))
            {
                if (error != ErrorCode.None)
                    throw new InvalidOperationException($"a member was told {error}");
            }
        }
    }

    private async Task<(double Seconds, double Cpu)> MeasureAsync(Func<Task> act)
    {
        var (clock, cpu) = (Stopwatch.StartNew(), CpuOf(BrokerProcess));
        await act();
        return (clock.Elapsed.TotalSeconds, CpuOf(BrokerProcess) - cpu);
    }

    private static double CpuOf(int process)
    {
        using var found = Process.GetProcessById(process);
        return found.TotalProcessorTime.TotalSeconds;
    }

    private static long MemoryOf(int process)
    {
        using var found = Process.GetProcessById(process);
        return found.WorkingSet64;
    }
}
