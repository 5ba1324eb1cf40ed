namespace Barnabas.Log;

/// <summary>What a round of cleaning may take of the machine.</summary>
/// <param name="MapBytes">Memory for the map of keys.</param>
/// <param name="MapLoad">How full that may get, of 1.</param>
/// <param name="BufferBytes">What is read, and what is written, at a time.</param>
public readonly record struct CleaningLimits(long MapBytes, double MapLoad, int BufferBytes)
{
    /// <summary>Apache Kafka's defaults for one thread.</summary>
    public static readonly CleaningLimits Default = new(128 << 20, 0.9, 256 << 10);
}
