using System.Buffers;
using System.Globalization;
using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>The name of a partition's directory, and what it says of the partition's state.</summary>
/// <param name="Partition">The partition; in a name cut short, its topic may be too.</param>
/// <param name="State">The state.</param>
internal readonly record struct PartitionDirectoryName(TopicPartition Partition, PartitionDirectoryState State)
{
    private const int Longest = 255;
    private const int UniqueLength = 32;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private const string DeleteSuffix = "-delete";
    private const string FutureSuffix = "-future";
    private const string StraySuffix = "-stray";

    /// <summary>Takes a name apart; null where it is no partition directory's.</summary>
    public static PartitionDirectoryName? TryParse(string name)
    {
        foreach (var (suffix, state) in new[]
        {
            (DeleteSuffix, PartitionDirectoryState.Deleting), (FutureSuffix, PartitionDirectoryState.Future),
            (StraySuffix, PartitionDirectoryState.Stray),
        })
        {
            if (!name.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            var dot = name.Length - suffix.Length - UniqueLength - 1;
            if (dot > 0 && name[dot] == '.' && IsHex(name.AsSpan(dot + 1, UniqueLength)))
                return TryPartition(name[..dot]) is { } suffixed ? new(suffixed, state) : null;
        }

        return TryPartition(name) is { } partition ? new(partition, PartitionDirectoryState.Live) : null;
    }

    /// <summary>A name for the directory of a partition to be deleted, never used before.</summary>
    public static string ForDeletion(TopicPartition partition, RandomSource random) =>
        Unique(partition, DeleteSuffix, random);

    /// <summary>A name for the directory of a partition the metadata does not want, never used before.</summary>
    public static string ForStray(TopicPartition partition, RandomSource random) =>
        Unique(partition, StraySuffix, random);

    /// <summary>A name for the directory of a copy on its way from another log directory, never used before.</summary>
    public static string ForCopy(TopicPartition partition, RandomSource random)
    {
        Invariant.Holds(FitsCopy(partition), "the name of a copy is never cut");
        return Unique(partition, FutureSuffix, random);
    }

    /// <summary>True where the name of a copy's directory is not too long for a file system.</summary>
    public static bool FitsCopy(TopicPartition partition) =>
        partition.ToString().Length + 1 + UniqueLength + FutureSuffix.Length <= Longest;

    private static string Unique(TopicPartition partition, string suffix, RandomSource random)
    {
        Span<byte> unique = stackalloc byte[UniqueLength / 2];
        random.Fill(unique);
        var end = string.Create(
            CultureInfo.InvariantCulture, $"-{partition.Partition}.{Convert.ToHexStringLower(unique)}{suffix}");
        return string.Concat(partition.Topic.AsSpan(0, Math.Min(partition.Topic.Length, Longest - end.Length)), end);
    }

    private static TopicPartition? TryPartition(string name)
    {
        var dash = name.LastIndexOf('-');
        return dash > 0
            && int.TryParse(name.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? new(name[..dash], index)
            : null;
    }

    private static bool IsHex(ReadOnlySpan<char> text) =>
        !text.ContainsAnyExcept(HexDigits);
}

/// <summary>What a directory's name says of its partition.</summary>
internal enum PartitionDirectoryState
{
    /// <summary>In use.</summary>
    Live,

    /// <summary>Being deleted.</summary>
    Deleting,

    /// <summary>A copy on its way from another log directory.</summary>
    Future,

    /// <summary>Not wanted by the metadata.</summary>
    Stray,
}
