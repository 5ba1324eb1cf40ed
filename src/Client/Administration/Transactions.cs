using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>A transactional id in a list (KIP-664).</summary>
/// <param name="TransactionalId">The transactional id.</param>
/// <param name="Id">The producer id it has now.</param>
/// <param name="State">The state of its transaction, such as Ongoing or CompleteCommit.</param>
/// <param name="Coordinator">The broker that coordinates it.</param>
public sealed record TransactionListing(string TransactionalId, ProducerId Id, string State, BrokerId Coordinator);

/// <summary>Which transactions are listed; all where nothing is said.</summary>
public sealed record TransactionFilter
{
    /// <summary>Only those in these states, such as Ongoing.</summary>
    public IReadOnlyList<string> States { get; init; } = [];

    /// <summary>Only those of these producers.</summary>
    public IReadOnlyList<ProducerId> Producers { get; init; } = [];

    /// <summary>Only those that have been open for longer than this; null for all (KIP-994).</summary>
    public TimeSpan? LongerThan { get; init; }

    /// <summary>Only those whose whole id matches, in RE2's syntax; null for all (KIP-1152).</summary>
    public string? Pattern { get; init; }
}

/// <summary>A transactional id and its transaction (KIP-664).</summary>
/// <param name="TransactionalId">The transactional id.</param>
/// <param name="State">The state of its transaction, such as Ongoing or CompleteCommit.</param>
/// <param name="Id">The producer id it has now.</param>
/// <param name="Epoch">The producer's epoch.</param>
/// <param name="Partitions">The partitions in the open transaction, in order.</param>
/// <param name="Coordinator">The broker that coordinates it.</param>
public sealed record TransactionDescription(
    string TransactionalId, string State, ProducerId Id, short Epoch, IReadOnlyList<TopicPartition> Partitions,
    BrokerId Coordinator)
{
    /// <summary>After how long an open transaction is aborted.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>When the open transaction began, in ms since 1970; null when none is open.</summary>
    public long? StartedAtMs { get; init; }
}

/// <summary>A transaction that a partition waits for, and that its coordinator will not end (KIP-664): readers of what
/// is committed do not get past it.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Producer">The producer as the partition's leader remembers it.</param>
/// <param name="TransactionalId">The transactional id the producer belongs to; null when no coordinator knows of
/// one.</param>
public sealed record HangingTransaction(TopicPartition Partition, ActiveProducer Producer, string? TransactionalId);

/// <summary>What came of one transactional id.</summary>
/// <param name="TransactionalId">The transactional id.</param>
/// <param name="Failure">Why nothing was done; null when it was.</param>
public sealed record TransactionResult(string TransactionalId, KafkaException? Failure);
