namespace Barnabas.Records;

/// <summary>A header of a record to be written, or copied from one read.</summary>
/// <param name="Key">The key; keys may repeat.</param>
/// <param name="Value">The value, or null.</param>
public readonly record struct RecordHeader(string Key, byte[]? Value);
