using System.Collections.Immutable;
using Barnabas.Base;

namespace Barnabas.Transactions;

/// <summary>What the coordinator remembers of a transactional id: its producer and its last transaction.</summary>
/// <remarks>Immutable. Times are ms since 1970.</remarks>
/// <param name="Id">The transactional id.</param>
public sealed record Transaction(string Id)
{
    /// <summary>The last epoch a client is given: the one above is kept free, so that it can always be
    /// fenced.</summary>
    public const short LastEpoch = short.MaxValue - 1;

    /// <summary>The timeout of a transaction that never times out (KIP-939).</summary>
    public const int NoTimeout = int.MaxValue;

    /// <summary>Its producer's id.</summary>
    public required ProducerId ProducerId { get; init; }

    /// <summary>The id its producer had before the last change; none where that is not known.</summary>
    public ProducerId PreviousProducerId { get; init; } = ProducerId.None;

    /// <summary>The id its producer goes on with once the transaction has ended; none for the same
    /// (KIP-890).</summary>
    public ProducerId NextProducerId { get; init; } = ProducerId.None;

    /// <summary>Its producer's epoch; -1 before the first was given.</summary>
    public required short Epoch { get; init; }

    /// <summary>The epoch its producer had before, while a repeated request may still name it; -1 for none. No record
    /// keeps it: a repetition that meets a new coordinator is fenced (KIP-360).</summary>
    public short EpochBefore { get; init; } = -1;

    /// <summary>After how long an open transaction is aborted, in ms.</summary>
    public required int TimeoutMs { get; init; }

    /// <summary>Where it stands.</summary>
    public TransactionStatus Status { get; init; }

    /// <summary>The partitions of the transaction that is open or being ended.</summary>
    public ImmutableSortedSet<TransactionPartition> Partitions { get; init; } = [];

    /// <summary>When the last transaction began; -1 where there was none.</summary>
    public long Started { get; init; } = -1;

    /// <summary>When anything changed last.</summary>
    public required long Updated { get; init; }

    /// <summary>The <c>transaction.version</c> its client went by when it last changed.</summary>
    public short ClientVersion { get; init; }

    /// <summary>True when no further epoch may be given to a client under this id.</summary>
    public bool IsExhausted => Epoch >= LastEpoch;

    /// <summary>The producer's id and epoch.</summary>
    public ProducerIdentity Identity => new(ProducerId, Epoch);

    /// <summary>The verdict of one that is being ended: true for a commit.</summary>
    public bool IsCommit => Status == TransactionStatus.PrepareCommit;

    /// <summary>True for the producer that stands. In the epoch above the last one there is none: it only
    /// fences.</summary>
    public bool IsHeldBy(ProducerIdentity producer) => producer == Identity && Epoch <= LastEpoch;

    /// <summary>The same in another status, which has to be a legal one after this.</summary>
    /// <param name="status">The status.</param>
    /// <param name="now">The time.</param>
    public Transaction Become(TransactionStatus status, long now)
    {
        Invariant.Holds(Status.MayBecome(status), $"{Status} may become {status}");
        return this with { Status = status, PreviousProducerId = ProducerId, Updated = now };
    }
}
