using Barnabas.Base;
using Barnabas.SimCluster;
using Barnabas.Tests.Simulation.Histories;
using Barnabas.Tests.Simulation.Node;
using Barnabas.Tests.Unit.Node;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Simulation.Transactions;

/// <summary>A short life of transactions as partitions and groups see them, always the same until a fault comes:
/// records and a group's position are written, and markers say what becomes of both. The script is the
/// coordinator.</summary>
/// <remarks>A marker is repeated until it is taken, as a coordinator repeats it; where that does not come about, the
/// script ends there, and whoever checks goes on repeating.</remarks>
internal sealed class MarkerScript : Script
{
    private const string Group = "keeper";
    private const int Count = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly List<Told> _told = [];
    private TopicId? _topic;

    /// <summary>A script on an empty disk.</summary>
    public MarkerScript(int seed)
        : base(
            seed, TransactionRequests.Trusting, "auto.create.topics.enable=false", "offsets.topic.num.partitions=1",
            "num.recovery.threads.per.data.dir=1")
    {
    }

    /// <summary>Records, positions and markers acknowledged.</summary>
    public int Acknowledged => _told.Sum(
        static t => (t.Wrote ? 1 : 0) + (t.Stored ? 1 : 0) + (t.PartitionKnows ? 1 : 0) + (t.GroupKnows ? 1 : 0));

    /// <inheritdoc/>
    protected override async Task LiveAsync()
    {
        await StartAsync();
        var created = await TryAskAsync(new CreateTopicsRequest
        {
            TimeoutMs = 5_000,
            Topics = [new() { Name = "orders", NumPartitions = 1, ReplicationFactor = 1 }],
        });
        if (created?.Topics[0].ErrorCode != ErrorCode.None)
            return;
        _topic = created.Topics[0].TopicId;
        await TryAskAsync(new FindCoordinatorRequest { CoordinatorKeys = [Group] });
        for (short epoch = 0; epoch < Count; epoch++)
        {
            if (epoch == 3)
            {
                await StopAsync();
                await StartAsync();
            }

            if (!await TransactAsync(epoch))
                return;
        }

        await StopAsync();
    }

    /// <inheritdoc/>
    protected override async Task CheckAsync(SimulatedNode node)
    {
        if (_topic is not { } topic)
            return;
        var link = new Link(node.World);
        if (_told.Count > 0 && !_told[^1].IsDecided)
            Assert.DoesNotContain(_told[^1].Value, await ReadAsync(link, topic));
        if (await link.AskAsync(new FindCoordinatorRequest { CoordinatorKeys = [Group] }) is { } found)
            Assert.Equal(ErrorCode.None, found.Coordinators[0].ErrorCode);
        if (_told.Count > 0)
        {
            await RepeatAsync(link, node, _told[^1], "orders");
            await RepeatAsync(link, node, _told[^1], "__consumer_offsets");
        }

        var values = await ReadAsync(link, topic);
        var expected = _told.Where(t => t.Commits && (t.Wrote || values.Contains(t.Value))).Select(t => t.Value);
        Assert.Equal(expected, values);
        var (error, offset) = await OffsetAsync(link, topic);
        Assert.Equal(ErrorCode.None, error);
        var last = _told.FindLast(t => t.Commits && (t.Stored || t.Offset == offset));
        Assert.Equal(last?.Offset ?? -1, offset);
        await link.CloseAsync();
    }

    /// <summary>One transaction; false where its partitions did not take the markers.</summary>
    private async Task<bool> TransactAsync(short epoch)
    {
        var told = new Told(epoch);
        _told.Add(told);
        var written = await TryAskAsync(
            TransactionRequests.Produce(_topic!.Value, 1, epoch, told.Value));
        told.Wrote = Went(written?.Responses[0].PartitionResponses[0].ErrorCode);
        for (var i = 0; i < 20 && !told.Stored; i++)
        {
            var stored = await TryAskAsync(TransactionRequests.Store(Group, 1, epoch, told.Offset));
            told.Stored = Went(stored?.Topics[0].Partitions[0].ErrorCode);
            if (!told.Stored)
                await Task.Delay(Pause, World);
        }

        told.IsDecided = true;
        for (var i = 0; i < 20 && !(told.PartitionKnows && told.GroupKnows); i++)
        {
            told.PartitionKnows |= Went(await EndAsync(this, told, "orders"));
            told.GroupKnows |= Went(await EndAsync(this, told, "__consumer_offsets"));
            if (!(told.PartitionKnows && told.GroupKnows))
                await Task.Delay(Pause, World);
        }

        return told.PartitionKnows && told.GroupKnows;
    }

    private static async Task RepeatAsync(Link link, SimulatedNode node, Told told, string topic)
    {
        ErrorCode? error;
        while ((error = await EndAsync(link, told, topic)) is null or ErrorCode.NotLeaderOrFollower
            or ErrorCode.UnknownTopicOrPartition)
        {
            await Task.Delay(Pause, node.World);
        }

        Assert.Equal(ErrorCode.None, error);
    }

    private static async Task<ErrorCode?> EndAsync(IRequester requester, Told told, string topic)
    {
        var answer = await requester.TryAskAsync(
            TransactionRequests.End(1, (short)(told.Epoch + 1), told.Commits, topic: topic));
        return answer?.Markers[0].Topics[0].Partitions[0].ErrorCode;
    }

    /// <summary>What a reader of committed records makes of what it gets.</summary>
    private static async Task<List<string>> ReadAsync(Link link, TopicId topic)
    {
        var answer = await link.AskAsync(TransactionRequests.Committed(NodeStory.Fetch(topic, 0)));
        var data = answer!.Responses[0].Partitions[0];
        Assert.Equal(ErrorCode.None, data.ErrorCode);
        return TransactionRequests.CommittedOf(data);
    }

    private static async Task<(ErrorCode, long)> OffsetAsync(Link link, TopicId topic)
    {
        var answer = await link.AskAsync(TransactionRequests.FetchStable(Group, topic));
        var found = answer!.Groups[0].Topics[0].Partitions[0];
        return (found.ErrorCode, found.CommittedOffset.Value);
    }

    private bool Went(ErrorCode? error)
    {
        if (error is { } told)
            Errors.Add(told);
        return error == ErrorCode.None;
    }

    /// <summary>A transaction, and what clients were told of it.</summary>
    private sealed class Told(short epoch)
    {
        public short Epoch => epoch;

        public bool Commits => epoch % 2 == 0;

        public string Value => $"value {epoch}";

        public long Offset => 10 + epoch;

        public bool Wrote { get; set; }

        public bool Stored { get; set; }

        public bool IsDecided { get; set; }

        public bool PartitionKnows { get; set; }

        public bool GroupKnows { get; set; }
    }
}
