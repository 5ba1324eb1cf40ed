namespace Barnabas.Server;

/// <summary>Versions of an API, both ends included.</summary>
/// <param name="First">The oldest.</param>
/// <param name="Last">The newest.</param>
public readonly record struct VersionRange(short First, short Last)
{
    /// <summary>True when <paramref name="version"/> is one of them.</summary>
    public bool Contains(short version) => version >= First && version <= Last;

    /// <summary>The form <c>0-13</c>.</summary>
    public override string ToString() => $"{First}-{Last}";
}
