using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>What a round of cleaning read, kept and took.</summary>
public sealed class CleaningFigures
{
    /// <summary>Bytes of batches read to build the map of keys.</summary>
    public long MappedBytes { get; internal set; }

    /// <summary>Keys in the map.</summary>
    public long Keys { get; internal set; }

    /// <summary>How full the map got, of 1.</summary>
    public double MapUtilization { get; internal set; }

    /// <summary>Bytes of batches read to be compacted.</summary>
    public long ReadBytes { get; internal set; }

    /// <summary>Records read to be compacted.</summary>
    public long ReadRecords { get; internal set; }

    /// <summary>Bytes of batches kept.</summary>
    public long KeptBytes { get; internal set; }

    /// <summary>Records kept.</summary>
    public long KeptRecords { get; internal set; }

    /// <summary>Records without a key, which went: a topic that was not compacted before may have had them.</summary>
    public long KeylessRecords { get; internal set; }

    /// <summary>Up to where the log is compacted after the round.</summary>
    public Offset End { get; internal set; }
}
