using Barnabas.Journal;
using Barnabas.Wire;

namespace Barnabas.Quorum;

/// <summary>What the segments of the metadata log hold.</summary>
internal sealed record ScannedLog
{
    /// <summary>The offset of the first record there is; null where there is no segment.</summary>
    public long? Start { get; init; }

    /// <summary>The offset after the last whole batch.</summary>
    public long End { get; init; }

    /// <summary>The epoch of the last batch; 0 where there is none.</summary>
    public int LastEpoch { get; init; }

    /// <summary>The batches from the offset asked for on, control batches without records among them.</summary>
    public IReadOnlyList<Committed<ITypedRecord>> Batches { get; init; } = [];

    /// <summary>The bytes of those batches.</summary>
    public long Bytes { get; init; }

    /// <summary>The voters at the end.</summary>
    public required VoterSet Voters { get; init; }

    /// <summary>Where the last write was cut short; null where it was not.</summary>
    public TornWrite? Torn { get; init; }
}

/// <summary>A write that a crash cut short.</summary>
/// <param name="Path">The segment.</param>
/// <param name="Position">Where in it the bad bytes begin.</param>
/// <param name="Reason">What is wrong there, in a clause.</param>
internal sealed record TornWrite(string Path, long Position, string Reason);
