using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>What a round of cleaning goes by, fixed at its beginning.</summary>
/// <param name="NowMs">The time.</param>
/// <param name="DeleteRetentionMs">How long tombstones and markers stay from now on.</param>
/// <param name="FirstDirty">Up to where the log was compacted before.</param>
/// <param name="UpTo">Where the first segment begins that is left alone.</param>
/// <param name="LegacyHorizonMs">Tombstones of formats without a delete horizon stay in segments newer than
/// this.</param>
/// <param name="Producers">The batch by which each producer is known.</param>
internal sealed record CleaningTerms(
    long NowMs, long DeleteRetentionMs, Offset FirstDirty, Offset UpTo, long LegacyHorizonMs,
    IReadOnlyDictionary<ProducerId, LastOfProducer> Producers);

/// <summary>The batch by which a producer is known after a replay.</summary>
/// <param name="LastData">The last offset of its last batch; null where a marker of a newer epoch came since.</param>
/// <param name="Epoch">Its epoch.</param>
internal readonly record struct LastOfProducer(Offset? LastData, short Epoch);
