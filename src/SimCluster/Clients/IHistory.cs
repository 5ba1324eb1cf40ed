using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Sim;

namespace Barnabas.SimCluster;

/// <summary>A history as its clients see it.</summary>
internal interface IHistory
{
    /// <summary>The world.</summary>
    World World { get; }

    /// <summary>True once clients come to an end.</summary>
    bool IsWindingDown { get; }

    /// <summary>Where clients begin to look for brokers.</summary>
    IReadOnlyList<string> Bootstrap { get; }

    /// <summary>Chance for one of the participants.</summary>
    RandomSource NewChance(int number);

    /// <summary>A way to the brokers, for a client that speaks the protocol itself.</summary>
    ILink NewLink();

    /// <summary>A topic to work with; null while there is none.</summary>
    HistoryTopic? AnyTopic(RandomSource chance);

    /// <summary>A producer id was handed out: to nobody else, ever.</summary>
    void Take(ProducerId id);

    /// <summary>True where the faults of the history explain that a batch got this error, and nobody knows what became
    /// of it.</summary>
    bool Explains(ErrorCode error);

    /// <summary>True where a client may ask a broker that was deposed and does not know it yet: what it says of the
    /// order of batches proves nothing.</summary>
    bool MayAskDeposed { get; }
}

/// <summary>A history with transactions.</summary>
internal interface ITransactionHistory : IHistory
{
    /// <summary>What is known of all transactions.</summary>
    TransactionLedger Ledger { get; }

    /// <summary>Their topic, once it is there.</summary>
    Task<HistoryTopic> TopicAsync();
}

/// <summary>A history with a group that reads a topic.</summary>
internal interface IGroupHistory : IHistory
{
    /// <summary>How the readers share partitions out.</summary>
    IPartitionAssignor Assignor { get; }

    /// <summary>What is known of the readers.</summary>
    GroupLedger Readers { get; }

    /// <summary>True once the readers have committed all that was written.</summary>
    bool IsRead { get; }

    /// <summary>Their topic, once it is there.</summary>
    Task<HistoryTopic> WorkAsync();

    /// <summary>How far the readers have come for sure, by partition.</summary>
    long[] Floors();
}
