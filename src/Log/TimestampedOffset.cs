using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>A record found by its timestamp.</summary>
/// <param name="Timestamp">Its timestamp in ms.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Epoch">The leader epoch in which it was appended; -1 when unknown.</param>
public readonly record struct TimestampedOffset(long Timestamp, Offset Offset, LeaderEpoch Epoch);
