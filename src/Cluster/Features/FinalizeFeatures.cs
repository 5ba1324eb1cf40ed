using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>The feature levels a new cluster begins with: its first records.</summary>
public static class FinalizeFeatures
{
    /// <summary>Decides for a cluster that may be new; one with a <c>metadata.version</c> is left as it is.</summary>
    /// <param name="state">The cluster.</param>
    /// <param name="bootstrap">The records of <c>bootstrap.checkpoint</c>, or of
    /// <see cref="Records(IReadOnlyDictionary{string, short})"/>.</param>
    /// <param name="configs">Give the cluster the values that features need to be the same everywhere.</param>
    public static Decision<ErrorCode, ITypedRecord> Decide(
        ClusterState state, IReadOnlyList<ITypedRecord> bootstrap, EffectiveConfigs configs)
    {
        if (state.Features.ContainsKey(ClusterSnapshot.MetadataVersion))
            return ErrorCode.None;
        var after = state.Apply(bootstrap);
        return new(ErrorCode.None, after.TracksEligible
            ? [.. bootstrap, .. MinInSyncChanges.Unify(after, configs)]
            : bootstrap);
    }

    /// <summary>The records that finalize the given levels, <c>metadata.version</c> first; level 0 needs
    /// none.</summary>
    public static IReadOnlyList<ITypedRecord> Records(IReadOnlyDictionary<string, short> levels) =>
    [
        .. levels
            .Where(level => level.Value > 0)
            .OrderBy(level => level.Key != ClusterSnapshot.MetadataVersion)
            .ThenBy(level => level.Key, StringComparer.Ordinal)
            .Select(level => new FeatureLevelRecord { Name = level.Key, FeatureLevel = level.Value }),
    ];
}
