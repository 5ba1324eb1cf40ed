namespace Barnabas.Bench;

/// <summary>How much was done.</summary>
/// <param name="Requests">Requests that were answered, or for acks=0 sent.</param>
/// <param name="Records">Records in them.</param>
/// <param name="Bytes">Bytes of record batches in them.</param>
public readonly record struct Tally(long Requests, long Records, long Bytes)
{
    /// <summary>Both together.</summary>
    public static Tally operator +(Tally one, Tally other) =>
        new(one.Requests + other.Requests, one.Records + other.Records, one.Bytes + other.Bytes);

    /// <summary>What was done since.</summary>
    public static Tally operator -(Tally one, Tally earlier) =>
        new(one.Requests - earlier.Requests, one.Records - earlier.Records, one.Bytes - earlier.Bytes);
}
