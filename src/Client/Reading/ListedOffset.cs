using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>The offset of a place in a partition.</summary>
/// <param name="Offset">The offset; -1 where no record fits.</param>
/// <param name="TimestampMs">The record's timestamp, in ms since 1970, where a timestamp was asked for; else
/// -1.</param>
/// <param name="LeaderEpoch">The leader epoch of the record; -1 when unknown.</param>
public readonly record struct ListedOffset(Offset Offset, long TimestampMs, LeaderEpoch LeaderEpoch);
