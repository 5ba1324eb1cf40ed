using System.Globalization;
using System.Text;

namespace Barnabas.Keeper;

/// <summary>The nodes that keep a cluster's metadata, below its root.</summary>
internal static class KeeperLayout
{
    /// <summary>Above all the others. It holds nothing, or <see cref="Importing"/>.</summary>
    public const string Root = "/barnabas";

    /// <summary>What <see cref="Root"/> holds while an import into it has not come to its end.</summary>
    public const string Importing = "importing";

    /// <summary>The cluster's id, as its first node made it up. A cluster is kept here once this is there.</summary>
    public const string Cluster = $"{Root}/cluster";

    /// <summary>One ephemeral child a node of the cluster; the lowest leads.</summary>
    public const string Election = $"{Root}/election";

    /// <summary>The leader's epoch, in digits. Its version fences appends.</summary>
    public const string Epoch = $"{Root}/epoch";

    /// <summary>The offset after the last record, in digits.</summary>
    public const string End = $"{Root}/end";

    /// <summary>One child a batch, named by its first offset.</summary>
    public const string Log = $"{Root}/log";

    /// <summary>What was too large for one batch: below a child named by offset and epoch, its parts.</summary>
    public const string Parts = $"{Root}/parts";

    /// <summary>One child a snapshot, named by the offset after its last record and the epoch of its writer; it holds a
    /// manifest once its chunks are there.</summary>
    public const string Snapshots = $"{Root}/snapshots";

    /// <summary>All that has to be there, from the top.</summary>
    public static readonly (string Path, string Data)[] Skeleton =
        [(Root, ""), (Election, ""), (Epoch, "0"), (End, "0"), (Log, ""), (Parts, ""), (Snapshots, "")];

    /// <summary>The node of the batch that begins at an offset.</summary>
    public static string Batch(long offset) => $"{Log}/{Digits(offset)}";

    /// <summary>The node above the parts of a batch.</summary>
    public static string PartsOf(long offset, int epoch) =>
        string.Create(CultureInfo.InvariantCulture, $"{Parts}/{offset:D20}-{epoch:D10}");

    /// <summary>The node of a snapshot.</summary>
    public static string Snapshot(long end, int epoch) =>
        string.Create(CultureInfo.InvariantCulture, $"{Snapshots}/{end:D20}-{epoch:D10}");

    /// <summary>The node of one part or chunk.</summary>
    public static string Part(string above, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{above}/{index:D6}");

    /// <summary>The offset that a child's name begins with; -1 where it is none of ours.</summary>
    public static long OffsetOf(string name) => name.Length >= 20
        && long.TryParse(name.AsSpan(0, 20), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
        ? offset
        : -1;

    /// <summary>What a node holds whose content is a number.</summary>
    public static byte[] Number(long number) =>
        Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    private static string Digits(long offset) => offset.ToString("D20", CultureInfo.InvariantCulture);
}
