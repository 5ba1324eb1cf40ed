namespace Barnabas.Records;

/// <summary>Why a record brought its batch down, as a Produce response tells it (KIP-467).</summary>
/// <param name="BatchIndex">The record's index in its batch.</param>
/// <param name="Message">The reason.</param>
public readonly record struct RecordError(int BatchIndex, string Message);
