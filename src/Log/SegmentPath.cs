using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>The path of a segment's file, put together where it is asked for: a node has many of them, and hardly ever
/// needs one.</summary>
/// <param name="Directory">The partition's directory.</param>
/// <param name="BaseOffset">Which segment.</param>
/// <param name="Kind">Which file of it.</param>
/// <param name="Suffix">What follows its usual name.</param>
internal readonly record struct SegmentPath(string Directory, Offset BaseOffset, string Kind, string Suffix = "")
{
    /// <summary>The path.</summary>
    public override string ToString() =>
        SegmentFiles.In(Directory, BaseOffset, Suffix.Length == 0 ? Kind : Kind + Suffix);
}
