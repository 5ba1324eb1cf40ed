using System.Globalization;
using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>The names of a partition directory's files.</summary>
internal static class SegmentFiles
{
    public const string Log = ".log";
    public const string OffsetIndex = ".index";
    public const string TimeIndex = ".timeindex";
    public const string TransactionIndex = ".txnindex";
    public const string Snapshot = ".snapshot";
    public const string Deleted = ".deleted";
    public const string Cleaned = ".cleaned";
    public const string Swap = ".swap";
    public const string EpochCheckpoint = "leader-epoch-checkpoint";
    public const string PartitionMetadata = "partition.metadata";

    private const int Digits = 20;

    /// <summary>The kinds of files that belong to one segment, its log first.</summary>
    public static readonly string[] SegmentKinds = [Log, OffsetIndex, TimeIndex, TransactionIndex];

    /// <summary>The name of a segment's file.</summary>
    public static string Name(Offset baseOffset, string kind) =>
        baseOffset.Value.ToString("D20", CultureInfo.InvariantCulture) + kind;

    /// <summary>The path of a segment's file.</summary>
    public static string In(string directory, Offset baseOffset, string kind) =>
        Path.Combine(directory, Name(baseOffset, kind));

    /// <summary>Takes a name such as <c>00000000000000000100.log.swap</c> apart; false where it is not of that
    /// form.</summary>
    public static bool TryParse(string name, out Offset baseOffset, out string kind)
    {
        (baseOffset, kind) = (Offset.None, "");
        if (name.Length <= Digits || name[Digits] != '.')
            return false;
        if (!long.TryParse(name.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            return false;
        (baseOffset, kind) = (new(value), name[Digits..]);
        return true;
    }
}
