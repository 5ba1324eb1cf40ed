using Barnabas.Base;
using Barnabas.Groups.Offsets;

namespace Barnabas.Groups;

/// <summary>A group: its offsets, and who is in it.</summary>
/// <param name="Id">What it is called.</param>
/// <param name="Offsets">Where it stands in each partition.</param>
/// <param name="Membership">Who is in it; null for a group that only keeps offsets.</param>
public sealed record Group(
    string Id, PersistentMap<TopicPartition, CommittedOffset> Offsets, Membership? Membership)
{
    /// <summary>A group of which nothing is known yet.</summary>
    public Group(string id)
        : this(id, PersistentMap<TopicPartition, CommittedOffset>.Empty(), null)
    {
    }

    /// <summary>What transactions that are open will make of its offsets, the last written first (KIP-447).</summary>
    public PersistentMap<TopicPartition, PendingOffset> Pending { get; init; } =
        PersistentMap<TopicPartition, PendingOffset>.Empty();

    /// <summary>True when there is nothing to remember of it.</summary>
    public bool IsVoid => Membership is null && Offsets.Count == 0 && Pending.Count == 0;

    /// <summary>True when nobody is in it.</summary>
    public bool IsEmpty => Membership is null or { IsEmpty: true };

    /// <summary>True when there is an offset of the partition, committed or pending.</summary>
    public bool HasOffset(TopicPartition partition) =>
        Offsets.ContainsKey(partition) || Pending.ContainsKey(partition);

    /// <summary>From when an offset of it gets old; null while it does not.</summary>
    public long? AgesFrom(long committedAt) => Membership is null ? committedAt : Membership.AgesFrom(committedAt);

    /// <summary>The group once an offset is stored, or deleted, outside of transactions.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="offset">The offset; null to forget it and all that is pending.</param>
    internal Group WithOffset(TopicPartition partition, CommittedOffset? offset)
    {
        if (offset is null)
            return this with { Offsets = Offsets.Without(partition), Pending = Pending.Without(partition) };
        return this with
        {
            Offsets = Offsets.With(partition, offset),
            Pending = Pending.TryGetValue(partition, out var list)
                ? Pending.With(partition, list.Superseded())
                : Pending,
        };
    }

    /// <summary>The group once an offset is stored in a transaction that is open.</summary>
    internal Group WithPending(TopicPartition partition, ProducerId producer, CommittedOffset offset) => this with
    {
        Pending = Pending.With(
            partition,
            PendingOffset.Add(Pending.TryGetValue(partition, out var list) ? list : null, producer, offset)),
    };

    /// <summary>The group once a producer's transaction has ended.</summary>
    internal Group WithEnded(ProducerId producer, bool isCommit)
    {
        var (offsets, pending) = (Offsets.BeginEdit(), Pending.BeginEdit());
        foreach (var (partition, list) in Pending)
        {
            var (left, offset) = isCommit ? list.Commit(producer) : (list.Without(producer), null);
            if (offset is not null)
                offsets.Set(partition, offset);
            if (left is null)
                pending.Remove(partition);
            else
                pending.Set(partition, left);
        }

        return this with { Offsets = offsets.Done(), Pending = pending.Done() };
    }

    /// <summary>True when it reads the topic now.</summary>
    public bool IsSubscribedTo(string topic) => Membership?.IsSubscribedTo(topic) == true;
}
