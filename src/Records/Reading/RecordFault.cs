namespace Barnabas.Records;

/// <summary>What is wrong with the bytes of a records area or message set.</summary>
public enum RecordFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The bytes end within a record.</summary>
    Truncated,

    /// <summary>A variable-length integer is longer than its type.</summary>
    BadVarint,

    /// <summary>A length is negative where none may be, or larger than the record.</summary>
    BadLength,

    /// <summary>A record's fields take less than the length it states.</summary>
    BytesLeftInRecord,

    /// <summary>A number of headers is negative, or larger than the record could hold.</summary>
    BadHeaderCount,

    /// <summary>Fewer records than the batch states.</summary>
    TooFewRecords,

    /// <summary>Bytes follow the last record the batch states.</summary>
    BytesAfterRecords,

    /// <summary>A message's checksum does not match (message sets only).</summary>
    BadChecksum,

    /// <summary>A format or attribute that cannot stand here (message sets only).</summary>
    BadFormat,

    /// <summary>Compressed bytes that do not decompress (message sets only).</summary>
    BadCompression,

    /// <summary>More decompressed bytes than the caller allows (message sets only).</summary>
    TooLarge,
}
