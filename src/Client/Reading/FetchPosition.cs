using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>How far the reading of a partition has come. Owned by the client's lane.</summary>
internal sealed class FetchPosition(TopicPartition partition, OffsetSpec start, int maxBytes)
{
    /// <summary>The partition.</summary>
    public TopicPartition Partition { get; } = partition;

    /// <summary>Where to begin, or to begin again, while <see cref="Next"/> is not known.</summary>
    public OffsetSpec Start { get; set; } = start;

    /// <summary>The next offset to fetch; none as long as it must be looked up.</summary>
    public Offset Next { get; set; } = Offset.None;

    /// <summary>The first offset that was fetched, or is to be; none as long as it must be looked up.</summary>
    public Offset First { get; private set; } = Offset.None;

    /// <summary>Where the reading ends, exclusively; null for never.</summary>
    public Offset? End { get; set; }

    /// <summary>The most bytes to ask for at once: raised where a batch does not fit.</summary>
    public int MaxBytes { get; set; } = maxBytes;

    /// <summary>When it may be fetched again, as a timestamp of the host's clock.</summary>
    public long NotBefore { get; set; }

    /// <summary>When the errors began that have not stopped since; 0 when there are none.</summary>
    public long FailingSince { get; set; }

    /// <summary>How many errors have come one after the other.</summary>
    public int Failures { get; set; }

    /// <summary>The follower that serves this reader, until when; none for the leader (KIP-392).</summary>
    public (BrokerId Broker, long Until) Replica { get; set; } = (BrokerId.None, 0);

    /// <summary>True while it is not to be fetched.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Says where <see cref="Start"/> is.</summary>
    public void Found(Offset at) => (First, Next) = (at, at);

    /// <summary>True when everything up to the end has been fetched.</summary>
    public bool IsDone => End is { } end && Next != Offset.None && Next >= end;
}
