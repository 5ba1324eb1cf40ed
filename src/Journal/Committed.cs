namespace Barnabas.Journal;

/// <summary>A stretch of a journal that is there for good, or a snapshot that stands for all up to its end.</summary>
/// <typeparam name="TRecord">What the journal lists.</typeparam>
/// <param name="LastOffset">The offset of the last record, or of the last one the snapshot stands for.</param>
/// <param name="Epoch">The epoch in which the last record was appended.</param>
/// <param name="Timestamp">When the last record was appended, in ms since 1970.</param>
/// <param name="Records">The records in order; may be empty.</param>
public readonly record struct Committed<TRecord>(
    long LastOffset, int Epoch, long Timestamp, IReadOnlyList<TRecord> Records);
