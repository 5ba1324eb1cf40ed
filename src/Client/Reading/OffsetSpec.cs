using System.Globalization;
using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>A place in a partition: an offset, or what stands for one.</summary>
public readonly record struct OffsetSpec
{
    private OffsetSpec(OffsetSpecKind kind, long value) => (Kind, Value) = (kind, value);

    /// <summary>The first record there is.</summary>
    public static OffsetSpec Earliest { get; } = new(OffsetSpecKind.Earliest, 0);

    /// <summary>Behind the last record there is; with read_committed, behind the last one that is decided.</summary>
    public static OffsetSpec Latest { get; } = new(OffsetSpecKind.Latest, 0);

    /// <summary>The record with the largest timestamp (KIP-734).</summary>
    public static OffsetSpec MaxTimestamp { get; } = new(OffsetSpecKind.MaxTimestamp, 0);

    /// <summary>What kind of place it is.</summary>
    public OffsetSpecKind Kind { get; }

    /// <summary>The offset, the timestamp in ms, or the number of records from the end; else 0.</summary>
    public long Value { get; }

    /// <summary>An offset.</summary>
    public static OffsetSpec At(Offset offset) => new(OffsetSpecKind.Offset, offset.Value);

    /// <summary>An offset.</summary>
    public static OffsetSpec At(long offset) => new(OffsetSpecKind.Offset, offset);

    /// <summary>The first record whose timestamp is not earlier; the end where there is none.</summary>
    public static OffsetSpec FromTimestamp(DateTimeOffset timestamp) =>
        new(OffsetSpecKind.Timestamp, timestamp.ToUnixTimeMilliseconds());

    /// <summary>So many records before the end, or the first there is.</summary>
    public static OffsetSpec FromEnd(long records) => new(OffsetSpecKind.FromEnd, records);

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        OffsetSpecKind.Offset or OffsetSpecKind.Timestamp => string.Create(
            CultureInfo.InvariantCulture, $"{Kind} {Value}"),
        OffsetSpecKind.FromEnd => string.Create(CultureInfo.InvariantCulture, $"-{Value}"),
        _ => Kind.ToString(),
    };
}

/// <summary>What an <see cref="OffsetSpec"/> names.</summary>
public enum OffsetSpecKind
{
    /// <summary>The first record there is.</summary>
    Earliest,

    /// <summary>Behind the last record there is.</summary>
    Latest,

    /// <summary>The record with the largest timestamp.</summary>
    MaxTimestamp,

    /// <summary>An offset.</summary>
    Offset,

    /// <summary>The first record whose timestamp is not earlier.</summary>
    Timestamp,

    /// <summary>So many records before the end.</summary>
    FromEnd,
}
