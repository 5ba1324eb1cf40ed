using Barnabas.Base;

namespace Barnabas.Records;

/// <summary>What <see cref="BatchValidator"/> finds: the error and its reasons, or what must change before
/// storing.</summary>
public readonly record struct BatchVerdict
{
    /// <summary>None when the batch may be stored.</summary>
    public ErrorCode Error { get; init; }

    /// <summary>The reason in words, for the response; null when there is no error.</summary>
    public string? Reason { get; init; }

    /// <summary>The records that brought the batch down, the first ones of many; null unless it was
    /// records.</summary>
    public IReadOnlyList<RecordError>? RecordErrors { get; init; }

    /// <summary>The max timestamp the stored batch must have, in ms; -1 when no record has one.</summary>
    public long MaxTimestamp { get; init; }

    /// <summary>What <see cref="BatchRewriter"/> has to change before the batch is stored.</summary>
    public BatchChanges Changes { get; init; }

    internal static BatchVerdict Refused(ErrorCode error, string reason) =>
        new() { Error = error, Reason = reason };
}

/// <summary>What has to change in a batch before it is stored.</summary>
[Flags]
public enum BatchChanges
{
    /// <summary>Nothing: it goes to disk as it came.</summary>
    None = 0,

    /// <summary>Timestamp type or max timestamp; in place, in the header.</summary>
    Timestamps = 1,

    /// <summary>The codec: the records are compressed anew.</summary>
    Codec = 2,
}
