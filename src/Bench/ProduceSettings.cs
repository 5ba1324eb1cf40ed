namespace Barnabas.Bench;

/// <summary>How batches are sent.</summary>
public sealed record ProduceSettings
{
    /// <summary>What the batches look like.</summary>
    public BatchShape Shape { get; init; } = new();

    /// <summary>How many connections.</summary>
    public int Connections { get; init; } = 1;

    /// <summary>The most requests of a connection that await an answer, in a closed loop.</summary>
    public int InFlight { get; init; } = 5;

    /// <summary>-1 all in sync, 1 the leader, 0 no answer.</summary>
    public short Acks { get; init; } = 1;

    /// <summary>Records a second of all connections together, sent when they are due whatever was answered;
    /// null to send as soon as answers allow.</summary>
    public double? RecordsPerSecond { get; init; }

    /// <summary>The most bytes of batches to send; null for no limit but the run's end.</summary>
    public long? Bytes { get; init; }

    /// <summary>How long an answer may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);
}
