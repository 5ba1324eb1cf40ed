using Barnabas.Base;
using Barnabas.Base.Real;
using Barnabas.Journal;
using Barnabas.Keeper;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Tests.Ensemble;

/// <summary>Nodes over a journal that three real servers keep, which are killed one after the other.</summary>
public sealed class JournalTests(ThreeServers servers) : IClassFixture<ThreeServers>
{
    [Fact]
    public async Task Nothing_promised_is_lost_while_servers_die()
    {
        var nodes = Enumerable.Range(1, 3).Select(id => new Node(id, servers.Addresses + "/c")).ToArray();
        foreach (var node in nodes)
            await node.StartAsync();
        var promised = new List<string>();
        for (var round = 0; round < 3; round++)
        {
            servers.All[round].Kill();
            promised.AddRange(await AppendAsync(nodes, round, 50));
            servers.All[round].Start();
            await servers.All[round].ServesAsync();
            promised.AddRange(await AppendAsync(nodes, 10 + round, 50));
        }

        // The node that leads goes, and another takes over.
        var leader = await LeaderAsync(nodes);
        await leader.CloseAsync();
        promised.AddRange(await AppendAsync([.. nodes.Where(node => node != leader)], 20, 50));
        for (var i = 0; i < 100 && nodes.Any(node => node != leader && !promised.All(node.Has)); i++)
            await Task.Delay(100, TestContext.Current.CancellationToken);
        var logs = nodes.Where(node => node != leader).Select(static node => node.Log()).ToArray();
        Assert.Equal(logs[0], logs[1]);
        Assert.Distinct(logs[0]);
        Assert.Subset(logs[0].ToHashSet(StringComparer.Ordinal), promised.ToHashSet(StringComparer.Ordinal));
        foreach (var node in nodes.Where(node => node != leader))
            await node.CloseAsync();
    }

    /// <summary>Appends until so many are committed; what a lost lead leaves unknown is no promise.</summary>
    private static async Task<List<string>> AppendAsync(Node[] nodes, int round, int count)
    {
        var promised = new List<string>();
        for (var i = 0; promised.Count < count; i++)
        {
            Assert.True(i < 20 * count, "nothing is committed any more");
            var name = $"{round}-{i}";
            if (await (await LeaderAsync(nodes)).AppendAsync(name))
                promised.Add(name);
        }

        return promised;
    }

    private static async Task<Node> LeaderAsync(Node[] nodes)
    {
        for (var i = 0; i < 600; i++)
        {
            if (nodes.LastOrDefault(static node => node.Leads) is { } leader)
                return leader;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        throw new InvalidOperationException("nobody leads within half a minute");
    }

    private sealed class Node(int id, string connect) : IJournalFollower<ITypedRecord>
    {
        private readonly Host _host = RealHost.Create(NullLoggerFactory.Instance);
        private readonly List<string> _log = [];
        private readonly Queue<(long Offset, TaskCompletionSource<bool> Done)> _waiting = new();
        private Lane? _lane;
        private KeeperJournal? _journal;
        private volatile bool _leads;
        private int _epoch;

        public bool Leads => _leads;

        public async Task StartAsync()
        {
            _lane = _host.Lanes.NewLane($"node {id}");
            var ensemble = new KeeperSettings(ConnectString.Parse(connect))
            {
                SessionTimeout = TimeSpan.FromSeconds(4),
            };
            _journal = await KeeperJournal.OpenAsync(
                _host, _lane,
                new KeeperJournalSettings(ensemble, new BrokerId(id)) { NewClusterId = "the-cluster" });
            await _lane.RunAsync(() =>
            {
                _journal.Follow(this);
                return true;
            });
        }

        public Task CloseAsync() => _journal!.CloseAsync();

        public bool Has(string name) => Log().Contains(name);

        public string[] Log()
        {
            lock (_log)
                return [.. _log];
        }

        /// <summary>True once the record is committed; false where the lead was lost before.</summary>
        public Task<bool> AppendAsync(string name)
        {
            var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _lane!.Post(() =>
            {
                if (_leads)
                    _waiting.Enqueue((_journal!.Append(_epoch, [new TopicRecord { Name = name }]), done));
                else
                    done.SetResult(false);
            });
            return done.Task;
        }

        public void OnSnapshot(Committed<ITypedRecord> snapshot) => Assert.Fail("nobody writes snapshots here");

        public void OnCommitted(Committed<ITypedRecord> batch)
        {
            lock (_log)
                _log.AddRange(batch.Records.Select(static record => ((TopicRecord)record).Name));
            while (_waiting.TryPeek(out var first) && first.Offset <= batch.LastOffset)
                _waiting.Dequeue().Done.SetResult(true);
        }

        public void OnEpoch(int epoch, bool leads)
        {
            (_epoch, _leads) = (epoch, leads);
            while (_waiting.TryDequeue(out var waits))
                waits.Done.SetResult(false);
        }
    }
}
