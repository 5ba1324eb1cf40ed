using System.Globalization;
using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>The file <c>leader-epoch-checkpoint</c>: an epoch and its start offset a line.</summary>
internal static class EpochCheckpoint
{
    /// <summary>Replaces the file, durably.</summary>
    public static void Write(IDisk disk, string directory, EpochHistory epochs) =>
        AtomicFile.Write(disk, PathIn(directory), Format(epochs));

    /// <summary>Reads the file.</summary>
    /// <returns>The history; null where the file is damaged, or gone.</returns>
    public static EpochHistory? TryRead(IDisk disk, string directory) =>
        AtomicFile.ReadFound(disk, PathIn(directory)) is { } text ? TryParse(text) : null;

    /// <summary>The path of the file.</summary>
    public static string PathIn(string directory) => Path.Combine(directory, SegmentFiles.EpochCheckpoint);

    /// <summary>The file's text.</summary>
    public static string Format(EpochHistory epochs)
    {
        var lines = new List<string>();
        foreach (var entry in epochs.Entries)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{entry.Epoch} {entry.Start}"));
        return CheckpointText.Format(lines);
    }

    /// <summary>The history; null where the text is damaged.</summary>
    public static EpochHistory? TryParse(string text)
    {
        if (CheckpointText.TryParse(text) is not { } lines)
            return null;
        var entries = new List<EpochStart>();
        foreach (var line in lines)
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0 || !CheckpointText.TryNumber(line.AsSpan(0, space), out var epoch) || epoch > int.MaxValue
                || !CheckpointText.TryNumber(line.AsSpan(space + 1), out var start))
            {
                return null;
            }

            entries.Add(new(new LeaderEpoch((int)epoch), new Offset(start)));
        }

        return EpochHistory.TryCreate(entries);
    }
}
