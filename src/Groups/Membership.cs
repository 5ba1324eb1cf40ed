namespace Barnabas.Groups;

/// <summary>Who is in a group, by one of the protocols. A group without one only keeps offsets.</summary>
public abstract record Membership
{
    /// <summary>The protocol's name, as ListGroups tells it: classic or consumer.</summary>
    public abstract string GroupType { get; }

    /// <summary>The state's name, as clients know it.</summary>
    public abstract string StateName { get; }

    /// <summary>What the group is for, such as consumer; empty when it never had a member.</summary>
    public abstract string ProtocolType { get; }

    /// <summary>True when nobody is in it and nobody is about to be.</summary>
    public abstract bool IsEmpty { get; }

    /// <summary>From when an offset committed at <paramref name="committedAt"/> gets old.</summary>
    /// <returns>Milliseconds since 1970; null while it does not get old.</returns>
    public abstract long? AgesFrom(long committedAt);

    /// <summary>True when the group reads the topic now: its offsets are then neither deleted nor get old.</summary>
    public abstract bool IsSubscribedTo(string topic);
}
