using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Groups;

/// <summary>What a shard of the group coordinator is made of.</summary>
public abstract record GroupRecord;

/// <summary>A record of <c>__consumer_offsets</c>.</summary>
/// <param name="Key">One of the coordinator's keys.</param>
/// <param name="Value">Its value; null for a tombstone.</param>
public sealed record StoredRecord(ITypedRecord Key, ITypedRecord? Value) : GroupRecord;

/// <summary>A record of <c>__consumer_offsets</c> that counts once its transaction is committed (KIP-98).</summary>
/// <param name="ProducerId">Whose transaction it is.</param>
/// <param name="ProducerEpoch">The producer's epoch.</param>
/// <param name="Stored">The record.</param>
public sealed record TransactionalRecord(ProducerId ProducerId, short ProducerEpoch, StoredRecord Stored)
    : GroupRecord;

/// <summary>The marker in <c>__consumer_offsets</c> that ends a producer's transaction.</summary>
/// <param name="ProducerId">Whose transaction it is.</param>
/// <param name="ProducerEpoch">The epoch from which on the producer may write again.</param>
/// <param name="CoordinatorEpoch">The epoch of the coordinator that decided.</param>
/// <param name="IsCommit">True when what was written in it counts now; false when it never will.</param>
public sealed record TransactionEnded(
    ProducerId ProducerId, short ProducerEpoch, int CoordinatorEpoch, bool IsCommit) : GroupRecord;

/// <summary>What a group is made of that nobody keeps: it lasts as long as the shard is led here, as a member's wait
/// for the others does. It takes no place in the journal.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Membership">Its members from now on, as the decision left them; null to forget them.</param>
public sealed record MembershipChanged(string GroupId, Membership? Membership) : GroupRecord;
