using Barnabas.Journal;
using Barnabas.Replication;

namespace Barnabas.Tests.Unit.Replication;

/// <summary>A coordinator's journal over the story's partition, and what its follower is told. What records say does
/// not matter.</summary>
internal sealed class HeardJournal(ReplicaBroker broker) : IJournalFollower<string>, IRecordCodec<string>
{
    /// <summary>The offset up to which it was given something.</summary>
    public long Given { get; private set; } = -1;

    /// <summary>Whether it may write; null as long as it was not told.</summary>
    public bool? Leads { get; private set; }

    /// <summary>Follows the journal of the epoch in which the broker leads.</summary>
    public void Begin()
    {
        var (host, epoch) = (broker.Host!, broker.View.LeaderEpoch.Value);
        var lane = host.Lanes.NewLane("journal");
        var settings = new PartitionJournalSettings(
            ReplicaStory.TopicName, () => Task.FromResult(broker.Partition), default, 1 << 20, 1 << 14);
        lane.Post(() => new PartitionJournal<string>(host, lane, epoch, settings, this).Follow(this));
    }

    public void OnSnapshot(Committed<string> snapshot) => throw new NotSupportedException("a partition has none");

    public void OnCommitted(Committed<string> batch) => Given = batch.LastOffset;

    public void OnEpoch(int epoch, bool leads) => Leads = leads;

    public (byte[] Key, byte[]? Value)? Write(string record) => null;

    public bool TryRead(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value, out string record)
    {
        record = "";
        return true;
    }
}
