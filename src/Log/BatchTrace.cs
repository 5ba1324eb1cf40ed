using System.Runtime.CompilerServices;

namespace Barnabas.Log;

/// <summary>What is remembered of a producer's batch, to know it again.</summary>
internal readonly record struct BatchTrace(int LastSequence, long LastOffset, int OffsetDelta, long Timestamp)
{
    public long FirstOffset => LastOffset - OffsetDelta;

    public int FirstSequence => Sequence.Back(LastSequence, OffsetDelta);
}

/// <summary>The last batches of a producer, the oldest first.</summary>
[InlineArray(Capacity)]
internal struct RecentBatches
{
    public const int Capacity = 5;

    private BatchTrace _first;
}

/// <summary>Sequence numbers: from 0 to 2^31-1, then 0 again.</summary>
internal static class Sequence
{
    /// <summary>The number after <paramref name="sequence"/>; 0 after none.</summary>
    public static int Next(int sequence) => sequence == int.MaxValue ? 0 : sequence + 1;

    /// <summary>The number <paramref name="count"/> before.</summary>
    public static int Back(int sequence, int count) => (int)(((long)sequence - count) & int.MaxValue);
}
