using Barnabas.Journal;
using Barnabas.Log;
using Barnabas.Wire;

namespace Barnabas.Quorum;

/// <summary>What a node alone found on its disk.</summary>
internal sealed record Recovered
{
    /// <summary>The log, open at its end.</summary>
    public required PartitionLog Log { get; init; }

    /// <summary>The log's directory.</summary>
    public required string Directory { get; init; }

    /// <summary>The epoch that begins now.</summary>
    public required int Epoch { get; init; }

    /// <summary>The voters: this node, where they are recorded.</summary>
    public required VoterSet Voters { get; init; }

    /// <summary>True when neither the log nor a snapshot of it names the voters yet.</summary>
    public required bool VotersAreNew { get; init; }

    /// <summary>The newest snapshot.</summary>
    public required SnapshotId Snapshot { get; init; }

    /// <summary>Its records; null where it stands for none.</summary>
    public required Committed<ITypedRecord>? Base { get; init; }

    /// <summary>The batches after it.</summary>
    public required IReadOnlyList<Committed<ITypedRecord>> Batches { get; init; }

    /// <summary>The bytes of those batches.</summary>
    public required long BytesAfterSnapshot { get; init; }
}
