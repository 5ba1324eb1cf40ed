using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>A segment that left the log.</summary>
/// <param name="BaseOffset">Its base offset.</param>
/// <param name="Bytes">The size of its batches.</param>
/// <param name="Reason">Why it went.</param>
public readonly record struct DeletedSegment(Offset BaseOffset, long Bytes, DeletionReason Reason);

/// <summary>Why a segment left the log.</summary>
public enum DeletionReason
{
    /// <summary>All its records lie below the log start offset.</summary>
    LogStart,

    /// <summary>Its newest record is older than <c>retention.ms</c>.</summary>
    Age,

    /// <summary>The log is larger than <c>retention.bytes</c>.</summary>
    Size,
}
