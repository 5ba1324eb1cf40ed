using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Some records of a partition on their way to the application, and how far it has come in them.</summary>
/// <remarks>In one hand at a time: in the group's on the lane, or in the application's.</remarks>
/// <param name="records">The records.</param>
internal sealed class Piece(FetchedRecords records) : IDisposable
{
    /// <summary>The records as they were fetched.</summary>
    public FetchedRecords Records { get; } = records;

    /// <summary>The records as the application wants them, once they are decoded; of a type the consumer
    /// knows.</summary>
    public object? Decoded { get; set; }

    /// <summary>How many of those the application has had.</summary>
    public int Given { get; set; }

    /// <summary>True when the application has had all.</summary>
    public bool IsFinished { get; set; }

    /// <summary>The offset after the last record the application has been given; none for none yet.</summary>
    public Offset Yielded { get; set; } = Offset.None;

    /// <summary>The offset after the last record it is done with; none for none yet.</summary>
    public Offset Handled { get; set; } = Offset.None;

    /// <summary>The leader epoch of the last record it was given; -1 when unknown.</summary>
    public LeaderEpoch Epoch { get; set; } = LeaderEpoch.None;

    public void Dispose() => Records.Dispose();
}
