using Barnabas.Wire;

namespace Barnabas.Groups;

/// <summary>What a shard of the group coordinator is made of.</summary>
public abstract record GroupRecord;

/// <summary>A record of <c>__consumer_offsets</c>.</summary>
/// <param name="Key">One of the coordinator's keys.</param>
/// <param name="Value">Its value; null for a tombstone.</param>
public sealed record StoredRecord(ITypedRecord Key, ITypedRecord? Value) : GroupRecord;

/// <summary>What a group is made of that nobody keeps: it lasts as long as the shard is led here, as a member's wait
/// for the others does. It takes no place in the journal.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Membership">Its members from now on, as the decision left them; null to forget them.</param>
public sealed record MembershipChanged(string GroupId, Membership? Membership) : GroupRecord;
