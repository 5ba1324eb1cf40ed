using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>Takes a broker into the cluster, fenced: it serves once it is unfenced (KIP-631, KIP-858,
/// KIP-966).</summary>
public static class RegisterBroker
{
    // What a cluster without a finalized metadata.version is taken to have.
    private const short UnnamedMetadataVersion = 1;

    /// <summary>Decides on a registration.</summary>
    /// <param name="state">The cluster.</param>
    /// <param name="request">What the broker says of itself.</param>
    /// <param name="membership">What the controller knows beside the state.</param>
    /// <param name="configs">Says which topics may have unclean leaders.</param>
    /// <param name="saysHowItStopped">False for a request that has no room for it, before version 3: then a stop is
    /// taken for clean.</param>
    public static Decision<BrokerRegistrationResponse, ITypedRecord> Decide(
        ClusterState state, BrokerRegistrationRequest request, Membership membership, EffectiveConfigs configs,
        bool saysHowItStopped = true)
    {
        var known = state.Brokers.TryGetValue(request.BrokerId, out var before);
        var sameProcess = known && before!.IncarnationId == request.IncarnationId;
        var error = Check(state, request, membership, sameProcess ? null : before);
        if (error != ErrorCode.None)
            return new BrokerRegistrationResponse { ErrorCode = error };

        // A broker that names the epoch it last had stopped in order, and has all it had. One that was unregistered may
        // still be named by partitions.
        var stoppedCleanly = !saysHowItStopped || (known && before!.Epoch == request.PreviousBrokerEpoch);
        var records = new List<ITypedRecord>();
        if (!sameProcess)
        {
            records.AddRange(stoppedCleanly
                ? Leadership.Leave(state, request.BrokerId, configs)
                : Leadership.Lose(state, request.BrokerId, configs));
        }

        // As in Kafka the epoch is the offset of the append's first record, be that the registration or not: what
        // matters is that it only ever grows.
        var epoch = sameProcess ? before!.Epoch : membership.NextOffset;
        records.Add(Registration(request, epoch, sameProcess ? before : null).ToRecord());
        return new(new BrokerRegistrationResponse { BrokerEpoch = epoch }, records);
    }

    private static ErrorCode Check(
        ClusterState state, BrokerRegistrationRequest request, Membership membership, BrokerState? other)
    {
        if (request.ClusterId != membership.ClusterId)
            return ErrorCode.InconsistentClusterId;
        if (other is { InControlledShutdown: false } && membership.IsAlive(other.Id))
            return ErrorCode.DuplicateBrokerRegistration;
        if (request.IsMigratingZkBroker)
            return ErrorCode.BrokerIdNotRegistered;
        return LogDirsAreGood(state, request)
            ? CheckFeatures(state, request)
            : ErrorCode.InvalidRegistration;
    }

    private static bool LogDirsAreGood(ClusterState state, BrokerRegistrationRequest request) =>
        request.LogDirs.Count > 0
        && !request.LogDirs.Any(directory => directory.IsReserved)
        && request.LogDirs.Distinct().Count() == request.LogDirs.Count
        && !state.Brokers.Any(broker =>
            broker.Key != request.BrokerId && broker.Value.LogDirs.Any(request.LogDirs.Contains));

    private static ErrorCode CheckFeatures(ClusterState state, BrokerRegistrationRequest request)
    {
        var supported = request.Features.ToDictionary(
            feature => feature.Name,
            feature => new FeatureRange(feature.MinSupportedVersion, feature.MaxSupportedVersion),
            StringComparer.Ordinal);
        foreach (var (name, range) in supported)
        {
            var level = state.Features.TryGetValue(name, out var finalized) ? finalized
                : name == ClusterSnapshot.MetadataVersion ? UnnamedMetadataVersion
                : (short)0;
            if (!range.Contains(level))
                return ErrorCode.UnsupportedVersion;
        }

        return state.Features.All(feature => supported.ContainsKey(feature.Key))
            ? ErrorCode.None
            : ErrorCode.UnsupportedVersion;
    }

    private static BrokerState Registration(BrokerRegistrationRequest request, long epoch, BrokerState? same)
    {
        var features = PersistentMap<string, FeatureRange>.Empty(StringComparer.Ordinal).BeginEdit();
        foreach (var feature in request.Features)
            features.Set(feature.Name, new FeatureRange(feature.MinSupportedVersion, feature.MaxSupportedVersion));
        return new BrokerState
        {
            Id = request.BrokerId,
            Epoch = epoch,
            IncarnationId = request.IncarnationId,
            Endpoints = [.. request.Listeners.Select(
                l => new Endpoint(l.Name, l.Host, l.Port, (SecurityProtocol)l.SecurityProtocol))],
            Features = features.Done(),
            Rack = request.Rack,
            Fenced = same?.Fenced ?? true,
            InControlledShutdown = same?.InControlledShutdown ?? false,
            LogDirs = [.. request.LogDirs],
        };
    }
}
