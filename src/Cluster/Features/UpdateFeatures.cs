using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using Update = Barnabas.Wire.Messages.UpdateFeaturesRequest.FeatureUpdateKey;

namespace Barnabas.Cluster;

/// <summary>Changes finalized feature levels, all or none (KIP-584, KIP-778).</summary>
public static class UpdateFeatures
{
    private const sbyte Upgrade = 1;
    private const sbyte SafeDowngrade = 2;
    private const sbyte UnsafeDowngrade = 3;

    /// <summary>Decides on a request.</summary>
    /// <param name="state">The cluster, whose brokers say what they support.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="supported">What this controller supports.</param>
    /// <param name="configs">Give the cluster the values that features need to be the same everywhere.</param>
    public static Decision<UpdateFeaturesResponse, ITypedRecord> Decide(
        ClusterState state, UpdateFeaturesRequest request, IReadOnlyDictionary<string, FeatureRange> supported,
        EffectiveConfigs configs)
    {
        var records = new List<ITypedRecord>();
        foreach (var update in request.FeatureUpdates)
        {
            var current = state.Features.TryGetValue(update.Feature, out var level) ? level : (short)0;
            var fault = request.FeatureUpdates.Count(other => other.Feature == update.Feature) > 1
                ? "The feature is named more than once."
                : FaultOf(state, update, current, supported);
            if (fault is not null)
            {
                return Refuse(request, new ApiError(
                    ErrorCode.InvalidUpdateVersion,
                    $"Invalid update version {update.MaxVersionLevel} for feature {update.Feature}. {fault}"));
            }

            if (update.MaxVersionLevel != current)
                records.Add(new FeatureLevelRecord { Name = update.Feature, FeatureLevel = update.MaxVersionLevel });
        }

        var after = state.Apply(records);
        if (after.TracksEligible && !CanTrackEligible(after))
        {
            return Refuse(request, new ApiError(
                ErrorCode.InvalidUpdateVersion,
                $"{FeatureNames.EligibleLeaderReplicas} could not be set to 1 because it depends on "
                    + $"{ClusterSnapshot.MetadataVersion} level {MetadataVersions.WithEligibleReplicas}"));
        }

        if (after.TracksEligible && !state.TracksEligible)
            records.AddRange(MinInSyncChanges.Unify(after, configs));
        else if (state.TracksEligible && !after.TracksEligible)
            records.Add(new ClearElrRecord());
        return new(Refuse(request, ApiError.None), request.ValidateOnly ? [] : records);
    }

    /// <summary>The answer that gives the request and every feature in it the same error, or success.</summary>
    public static UpdateFeaturesResponse Refuse(UpdateFeaturesRequest request, ApiError error) => new()
    {
        ErrorCode = error.Code,
        ErrorMessage = error.Message,
        Results = [.. request.FeatureUpdates.Select(update => new UpdateFeaturesResponse.UpdatableFeatureResult
        {
            Feature = update.Feature,
            ErrorCode = error.Code,
            ErrorMessage = error.Message,
        })],
    };

    private static bool CanTrackEligible(ClusterState state) =>
        state.Features.TryGetValue(ClusterSnapshot.MetadataVersion, out var level)
        && level >= MetadataVersions.WithEligibleReplicas;

    private static string? FaultOf(
        ClusterState state, Update update, short current, IReadOnlyDictionary<string, FeatureRange> supported)
    {
        // Version 0 of the request has a flag in place of the type.
        var type = update.AllowDowngrade ? SafeDowngrade : update.UpgradeType;
        if (type is not (Upgrade or SafeDowngrade or UnsafeDowngrade))
            return "The controller does not support the given upgrade type.";

        var level = update.MaxVersionLevel;
        if (level < 0)
            return "A feature version cannot be less than 0.";
        if (SupportFault(state, update.Feature, level, supported) is { } unsupported)
            return unsupported;
        if (level < current && type == Upgrade)
        {
            return "Can't downgrade the version of this feature without setting the upgrade type to either safe or "
                + "unsafe downgrade.";
        }

        if (level > current && type != Upgrade)
            return "Can't downgrade to a newer version.";

        if (level >= current || update.Feature != ClusterSnapshot.MetadataVersion)
            return null;
        if (type == UnsafeDowngrade)
            return "Unsafe metadata downgrade is not supported in this version.";
        return MetadataVersions.HaveSameRecords(level, current)
            ? null
            : "Refusing to perform the requested downgrade because it might delete metadata information.";
    }

    private static string? SupportFault(
        ClusterState state, string feature, short level, IReadOnlyDictionary<string, FeatureRange> supported)
    {
        if (!supported.TryGetValue(feature, out var own))
            return "The controller does not support this feature.";
        if (!own.Contains(level))
            return $"The controller only supports versions {own.Min}-{own.Max}";
        foreach (var (id, broker) in state.Brokers)
        {
            if (level == 0)
                break;
            if (!broker.Features.TryGetValue(feature, out var range))
                return $"Broker {id} does not support this feature.";
            if (!range.Contains(level))
                return $"Broker {id} only supports versions {range.Min}-{range.Max}";
        }

        return null;
    }
}
