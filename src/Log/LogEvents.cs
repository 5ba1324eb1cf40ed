using Barnabas.Base;
using Microsoft.Extensions.Logging;

namespace Barnabas.Log;

/// <summary>What logs say of themselves.</summary>
internal static partial class LogEvents
{
    [LoggerMessage(LogLevel.Error, "{Damage}; these bytes are not served")]
    public static partial void BatchesDamaged(ILogger log, LogDamage damage);

    [LoggerMessage(
        LogLevel.Warning, "The indexes of {Path} do not fit it ({Why}); reads scan until they are built anew")]
    public static partial void IndexDamaged(ILogger log, string path, string why);

    [LoggerMessage(LogLevel.Information, "Built the indexes of {Path} anew")]
    public static partial void IndexesRebuilt(ILogger log, string path);

    [LoggerMessage(LogLevel.Warning, "{Path} is damaged or of an unknown version; it is built anew")]
    public static partial void SideFileDamaged(ILogger log, string path);

    [LoggerMessage(LogLevel.Information, "Recovered {Path}: {Bytes} bytes, up to offset {End}")]
    public static partial void SegmentRecovered(ILogger log, string path, long bytes, Offset end);

    [LoggerMessage(
        LogLevel.Warning,
        "Cut {Bytes} bytes that were not synced off {Path} at byte {Position} (offset {End}): {Reason}")]
    public static partial void TailCut(ILogger log, long bytes, string path, long position, Offset end, string reason);

    [LoggerMessage(
        LogLevel.Warning, "Dropped segment {Path}: it does not follow offset {End}, at which the log was cut")]
    public static partial void SegmentDropped(ILogger log, string path, Offset end);

    [LoggerMessage(
        LogLevel.Error,
        "{Partition} ends at offset {End}, below {RecoveryPoint}, up to which it was on disk: records are lost")]
    public static partial void ShorterThanRecoveryPoint(
        ILogger log, TopicPartition partition, Offset end, Offset recoveryPoint);

    [LoggerMessage(LogLevel.Error, "{Partition} takes no appends until the disk does: {Reason}")]
    public static partial void AppendRefused(ILogger log, TopicPartition partition, string reason);

    [LoggerMessage(LogLevel.Error, "{Partition} failed and is closed to all use: {Reason}")]
    public static partial void Failed(ILogger log, TopicPartition partition, string reason);

    [LoggerMessage(LogLevel.Information, "{Partition}: deleted segment {BaseOffset} of {Bytes} bytes ({Reason})")]
    public static partial void SegmentDeleted(
        ILogger log, TopicPartition partition, Offset baseOffset, long bytes, DeletionReason reason);

    [LoggerMessage(
        LogLevel.Debug,
        "{Partition}: compacted {Count} segments from {BaseOffset} on from {Before} bytes to one of {After}")]
    public static partial void SegmentsReplaced(
        ILogger log, TopicPartition partition, int count, Offset baseOffset, long before, long after);

    [LoggerMessage(LogLevel.Information, "{Partition} truncated to offset {End}")]
    public static partial void Truncated(ILogger log, TopicPartition partition, Offset end);

    [LoggerMessage(LogLevel.Information, "Removed {Path}, left behind by a deletion or an unfinished replacement")]
    public static partial void LeftoverRemoved(ILogger log, string path);

    [LoggerMessage(LogLevel.Information, "Opened {Done} of {All} logs in {Path}")]
    public static partial void LoadProgress(ILogger log, int done, int all, string path);

    [LoggerMessage(LogLevel.Information, "{Partition}: scanned {Done} of {All} bytes")]
    public static partial void RecoveryProgress(ILogger log, TopicPartition partition, long done, long all);

    [LoggerMessage(LogLevel.Error, "{Partition} is not served: {Damage}")]
    public static partial void PartitionRefused(ILogger log, TopicPartition partition, LogDamage damage);

    [LoggerMessage(LogLevel.Error, "Log directory {Path} is offline: {Reason}")]
    public static partial void DirectoryOffline(ILogger log, string path, string reason);
}
