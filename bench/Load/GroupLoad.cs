using System.Diagnostics;
using System.Globalization;
using Barnabas.Base;
using Barnabas.Base.Real;
using Barnabas.Rpc;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Bench.Load;

/// <summary>Groups of the classic protocol, every member with a connection of its own: what a rebalance, a heartbeat
/// and a commit take, and what they cost the broker.</summary>
/// <param name="Server">The broker's address.</param>
/// <param name="Topic">What the groups read: at least as many partitions as a group has members.</param>
/// <param name="BrokerProcess">The broker's process id.</param>
internal sealed record GroupLoad(string Server, string Topic, int BrokerProcess)
{
    private const int HeartbeatRounds = 20;
    private const int CommitRounds = 10;
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs so many groups with so many members each through their life, and prints what that took as one line
    /// of JSON.</summary>
    public async Task RunAsync(int groups, int members)
    {
        var host = RealHost.Create(NullLoggerFactory.Instance);
        var at = Server.LastIndexOf(':');
        var (name, port) = (Server[..at], int.Parse(Server[(at + 1)..], CultureInfo.InvariantCulture));
        var everybody = new List<GroupMember>();
        for (var i = 0; i < groups * members; i++)
        {
            var peer = await Peer.DialAsync(host, name, port, new PeerOptions());
            everybody.Add(new GroupMember(peer, $"group-{i / members}", Topic, i % members));
        }

        var found = await MeasureAsync(() => Task.WhenAll(everybody.Select(static m => m.FindAsync())));
        var joined = await MeasureAsync(() => Task.WhenAll(everybody.Select(static m => m.JoinAsync())));
        var rebalanced = await MeasureAsync(() => RebalanceAsync(everybody));
        var beaten = await MeasureAsync(
            () => InRoundsAsync(everybody, HeartbeatRounds, static (m, _) => m.BeatAsync()));
        var committed = await MeasureAsync(
            () => InRoundsAsync(everybody, CommitRounds, static (m, round) => m.CommitAsync(round)));
        var (beats, commits) = (HeartbeatRounds * everybody.Count, CommitRounds * everybody.Count);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"find": {{found.Seconds:F3}}, "join": {{joined.Seconds:F3}},
             "rebalance": {{rebalanced.Seconds:F3}}, "rebalance_cpu": {{rebalanced.Cpu:F2}},
             "heartbeats": {{beats / beaten.Seconds:F0}}, "heartbeat_cpu": {{beaten.Cpu / beats * 1e6:F1}},
             "commits": {{commits / committed.Seconds:F0}}, "commit_cpu": {{committed.Cpu / commits * 1e6:F1}},
             "memory": {{MemoryOf(BrokerProcess)}}}
            """).ReplaceLineEndings(""));
        foreach (var member in everybody)
            await member.DisposeAsync();
    }

    /// <summary>The leaders join again, so that all others have to.</summary>
    private static Task RebalanceAsync(IReadOnlyList<GroupMember> everybody)
    {
        var leaders = everybody.Where(static m => m.IsLeader).Select(static m => m.JoinAsync()).ToList();
        return Task.WhenAll([.. leaders, .. everybody.Where(static m => !m.IsLeader).Select(FollowAsync)]);

        static async Task FollowAsync(GroupMember member)
        {
            while (await member.BeatAsync() == ErrorCode.None)
                await Task.Delay(Beat);
            await member.JoinAsync();
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
