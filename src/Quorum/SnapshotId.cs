using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Barnabas.Quorum;

/// <summary>Which records a snapshot stands for (KIP-630).</summary>
/// <param name="End">The offset after the last of them.</param>
/// <param name="Epoch">The epoch in which the last of them was appended.</param>
[SuppressMessage("Design", "CA1036", Justification = "Snapshots are sorted, never compared by operators.")]
public readonly record struct SnapshotId(long End, int Epoch) : IComparable<SnapshotId>
{
    /// <summary>What the name of a finished snapshot ends with.</summary>
    public const string Suffix = ".checkpoint";

    /// <summary>What the name of a snapshot still being written ends with.</summary>
    public const string PartSuffix = ".checkpoint.part";

    /// <summary>What the name of a snapshot about to be removed ends with.</summary>
    public const string DeletedSuffix = ".checkpoint.deleted";

    /// <summary>The snapshot before the first record: it names the first voters of a quorum (KIP-853).</summary>
    public static readonly SnapshotId Bootstrap;

    /// <summary>The name of the file.</summary>
    public string FileName => string.Create(CultureInfo.InvariantCulture, $"{End:D20}-{Epoch:D10}{Suffix}");

    /// <summary>Reads the name of a finished snapshot; false where it is none.</summary>
    public static bool TryParse(string name, out SnapshotId id)
    {
        id = default;
        if (!name.EndsWith(Suffix, StringComparison.Ordinal) || name.Length != 20 + 1 + 10 + Suffix.Length)
            return false;
        const NumberStyles digits = NumberStyles.None;
        if (name[20] != '-'
            || !long.TryParse(name.AsSpan(0, 20), digits, CultureInfo.InvariantCulture, out var end)
            || !int.TryParse(name.AsSpan(21, 10), digits, CultureInfo.InvariantCulture, out var epoch))
        {
            return false;
        }

        id = new SnapshotId(end, epoch);
        return true;
    }

    /// <summary>Orders by end, then by epoch.</summary>
    public int CompareTo(SnapshotId other) =>
        End != other.End ? End.CompareTo(other.End) : Epoch.CompareTo(other.Epoch);
}
