using System.Globalization;

namespace Barnabas.Quorum;

/// <summary>The metadata on disk is not what was written there. The node does not start on it: it would take what is
/// left for the whole truth, and delete topics whose records are gone.</summary>
/// <param name="path">The file.</param>
/// <param name="position">Where in the file the damage begins, in bytes.</param>
/// <param name="offset">The offset of the record expected there.</param>
/// <param name="reason">What is wrong, in a clause.</param>
public sealed class MetadataDamagedException(string path, long position, long offset, string reason)
    : IOException(string.Create(
        CultureInfo.InvariantCulture,
        $"the cluster's metadata is damaged: {path} at byte {position} (offset {offset}): {reason}"))
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>Where in the file the damage begins, in bytes.</summary>
    public long Position { get; } = position;

    /// <summary>The offset of the record expected there.</summary>
    public long Offset { get; } = offset;
}
