namespace Barnabas.Cluster;

/// <summary>The levels of a feature that a node supports.</summary>
/// <param name="Min">The lowest.</param>
/// <param name="Max">The highest.</param>
public readonly record struct FeatureRange(short Min, short Max)
{
    /// <summary>True for a level within the range.</summary>
    public bool Contains(short level) => level >= Min && level <= Max;
}
