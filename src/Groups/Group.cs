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

    /// <summary>True when there is nothing to remember of it.</summary>
    public bool IsVoid => Membership is null && Offsets.Count == 0;

    /// <summary>True when nobody is in it.</summary>
    public bool IsEmpty => Membership is null or { IsEmpty: true };

    /// <summary>From when an offset of it gets old; null while it does not.</summary>
    public long? AgesFrom(long committedAt) => Membership is null ? committedAt : Membership.AgesFrom(committedAt);

    /// <summary>True when it reads the topic now.</summary>
    public bool IsSubscribedTo(string topic) => Membership?.IsSubscribedTo(topic) == true;
}
