using System.Net;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Groups;
using Barnabas.Replication;
using Barnabas.Server.Brokers;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Node;

/// <summary>The node as a member of its cluster: it registers at its start, and serves once it is unfenced
/// (KIP-631).</summary>
/// <param name="host">The machine.</param>
/// <param name="metadata">The cluster's state.</param>
/// <param name="controller">Decides, where the controller is here.</param>
/// <param name="link">The way to the controller.</param>
/// <param name="configs">What topics and brokers are configured with.</param>
internal sealed class Membership(
    Host host, MetadataRole metadata, ActiveController controller, ControllerLink link, EffectiveConfigs configs)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>What this version works with, by feature.</summary>
    public static readonly IReadOnlyDictionary<string, FeatureRange> Supported =
        new SortedDictionary<string, FeatureRange>(StringComparer.Ordinal)
        {
            [FeatureNames.EligibleLeaderReplicas] = new FeatureRange(0, 1),
            [GroupCoordinator.Feature] = new FeatureRange(0, 1),
            [ClusterSnapshot.MetadataVersion] = new FeatureRange(7, 29),
            [FeatureNames.TransactionVersion] = new FeatureRange(0, 2),
        };

    /// <summary>The first records of a new cluster: the highest feature levels there are.</summary>
    public static IReadOnlyList<ITypedRecord> Bootstrap =>
        FinalizeFeatures.Records(Supported.ToDictionary(f => f.Key, f => f.Value.Max));

    /// <summary>Gives a new cluster its first records: those its directory was formatted with. Completes when they are
    /// there, whoever gave them.</summary>
    /// <param name="first">The records.</param>
    /// <exception cref="IOException">The metadata log has failed.</exception>
    public async Task BeginAsync(IReadOnlyList<ITypedRecord> first)
    {
        while (!metadata.Machine.Committed.Features.ContainsKey(ClusterSnapshot.MetadataVersion))
        {
            var error = await metadata.Machine.CommandAsync(
                state => state.Features.ContainsKey(ClusterSnapshot.MetadataVersion)
                    ? ErrorCode.None
                    : FinalizeFeatures.Decide(state, first, configs),
                () => ErrorCode.NotController);
            if (error != ErrorCode.None)
                await PauseAsync();
        }
    }

    /// <summary>Registers the node.</summary>
    /// <param name="request">What it says of itself.</param>
    /// <returns>Its broker epoch.</returns>
    /// <exception cref="IOException">The cluster refuses it, or there is no controller in time.</exception>
    public async Task<long> RegisterAsync(BrokerRegistrationRequest request)
    {
        var begun = host.Time.GetTimestamp();
        while (true)
        {
            var answer = await link.AskAsync(
                request, state => controller.Register(state, request),
                error => new BrokerRegistrationResponse { ErrorCode = error });
            if (answer.ErrorCode == ErrorCode.None)
                return answer.BrokerEpoch;
            // The process before this one may not have been missed yet.
            var mayPass = answer.ErrorCode is ErrorCode.NotController or ErrorCode.DuplicateBrokerRegistration;
            if (!mayPass || host.Time.GetElapsedTime(begun) >= Terms.RegistrationTimeout)
                throw new IOException($"the cluster refuses this node: {answer.ErrorCode.Meaning()}");
            await PauseAsync();
        }
    }

    /// <summary>Lets the node lead, where it is alone.</summary>
    /// <exception cref="IOException">Another process registered under the same id meanwhile.</exception>
    public async Task UnfenceAsync(BrokerId self, long epoch)
    {
        var error = await metadata.Machine.CommandAsync(
            state => FenceBroker.Unfence(state, self, epoch, configs), () => ErrorCode.NotController);
        if (error != ErrorCode.None)
            throw new IOException($"the cluster does not let this node serve: {error.Meaning()}");
    }

    /// <summary>Says once that the node lives.</summary>
    /// <param name="request">How it fares.</param>
    public Task<BrokerHeartbeatResponse> BeatAsync(BrokerHeartbeatRequest request)
    {
        request.CurrentMetadataOffset = new Offset(metadata.Machine.Held.Offset);
        return link.AskAsync(request, state => controller.Hear(state, request), BrokerHeartbeat.Refuse);
    }

    /// <summary>Tells the cluster in which log directories replicas of the node are (KIP-858).</summary>
    /// <returns>None, or why the cluster took no note of any.</returns>
    public async Task<ErrorCode> AssignAsync(
        BrokerId self, long epoch, IReadOnlyList<DirectoryAssignment> assignments)
    {
        var request = new AssignReplicasToDirsRequest { BrokerId = self, BrokerEpoch = epoch };
        foreach (var directory in assignments.GroupBy(a => a.Directory))
        {
            request.Directories.Add(new()
            {
                Id = directory.Key,
                Topics = [.. directory.GroupBy(a => a.Topic).Select(topic => new AssignReplicasToDirsRequest.TopicData
                {
                    TopicId = topic.Key,
                    Partitions = [.. topic.Select(
                        a => new AssignReplicasToDirsRequest.PartitionData { PartitionIndex = a.Partition })],
                })],
            });
        }

        var answer = await link.AskAsync(
            request, state => AssignReplicasToDirs.Decide(state, request, configs), AssignReplicasToDirs.Refuse);
        return answer.ErrorCode;
    }

    /// <summary>What the node says of itself.</summary>
    /// <param name="config">Its configs.</param>
    /// <param name="clusterId">The cluster it belongs to.</param>
    /// <param name="directories">The ids of its data directories.</param>
    /// <param name="bound">The addresses it listens at, one for each of its client listeners, ports resolved.</param>
    /// <param name="previousEpoch">Its epoch before a clean stop; -1 after any other.</param>
    public BrokerRegistrationRequest Introduce(
        BrokerConfig config, string clusterId, IEnumerable<Uuid> directories, IReadOnlyList<IPEndPoint> bound,
        long previousEpoch) => new()
        {
            BrokerId = config.Id,
            ClusterId = clusterId,
            IncarnationId = host.Random.NextUuid(),
            Rack = config.Rack,
            LogDirs = [.. directories],
            PreviousBrokerEpoch = previousEpoch,
            Listeners = [.. config.Network.Listeners.Advertised.Select((listener, i) =>
            new BrokerRegistrationRequest.Listener
            {
                Name = listener.Name,
                Host = listener.Host,
                Port = (ushort)(listener.Port == 0 ? bound[i].Port : listener.Port),
                SecurityProtocol = (short)listener.Protocol,
            })],
            Features = [.. Supported.Select(f => new BrokerRegistrationRequest.Feature
        {
            Name = f.Key,
            MinSupportedVersion = f.Value.Min,
            MaxSupportedVersion = f.Value.Max,
        })],
        };

    // Where nothing can be remembered any more there will be no controller.
    private async Task PauseAsync()
    {
        if (metadata.Fault.IsCompleted)
            throw new IOException("the metadata log has failed", await metadata.Fault);
        await Task.Delay(Pause, host.Time);
    }

    private MembershipConfig Terms => configs.Broker(metadata.Machine.Committed.Configs).Membership;
}
