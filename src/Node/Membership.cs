using System.Net;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Groups;
using Barnabas.Quorum;
using Barnabas.Replication;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Node;

/// <summary>The node as a member of its cluster: it registers at its start, and serves once it is unfenced
/// (KIP-631).</summary>
internal sealed class Membership(MetadataRole metadata, EffectiveConfigs configs, string clusterId)
{
    /// <summary>What this version works with, by feature.</summary>
    public static readonly IReadOnlyDictionary<string, FeatureRange> Supported =
        new SortedDictionary<string, FeatureRange>(StringComparer.Ordinal)
        {
            [GroupCoordinator.Feature] = new FeatureRange(0, 1),
            [ClusterSnapshot.MetadataVersion] = new FeatureRange(7, 29),
            [FeatureNames.TransactionVersion] = new FeatureRange(0, 2),
        };

    /// <summary>The first records of a new cluster: the highest feature levels there are.</summary>
    public static IReadOnlyList<ITypedRecord> Bootstrap =>
        FinalizeFeatures.Records(Supported.ToDictionary(f => f.Key, f => f.Value.Max));

    /// <summary>Gives a new cluster its first records: those its directory was formatted with.</summary>
    /// <exception cref="IOException">The disk refused, or the file of these records is damaged.</exception>
    public Task BeginAsync(Host host, string metadataDirectory)
    {
        if (metadata.Machine.Committed.Features.ContainsKey(ClusterSnapshot.MetadataVersion))
            return Task.CompletedTask;
        var first = BootstrapCheckpoint.Read(host, metadataDirectory) ?? Bootstrap;
        return metadata.Machine.CommandAsync(
            state => FinalizeFeatures.Decide(state, first), () => ErrorCode.NotController);
    }

    /// <summary>Registers the node.</summary>
    /// <param name="request">What it says of itself.</param>
    /// <returns>Its broker epoch.</returns>
    /// <exception cref="IOException">The cluster refuses it.</exception>
    public async Task<long> RegisterAsync(BrokerRegistrationRequest request)
    {
        var answer = await metadata.Machine.CommandAsync(
            state => RegisterBroker.Decide(
                state, request, new Cluster.Membership(clusterId, metadata.NextOffset, _ => false), configs),
            () => new BrokerRegistrationResponse { ErrorCode = ErrorCode.NotController });
        return answer.ErrorCode == ErrorCode.None
            ? answer.BrokerEpoch
            : throw new IOException($"the cluster refuses this node: {answer.ErrorCode.Meaning()}");
    }

    /// <summary>Lets the node lead.</summary>
    /// <exception cref="IOException">Another process registered under the same id meanwhile.</exception>
    public async Task UnfenceAsync(BrokerId self, long epoch)
    {
        var error = await metadata.Machine.CommandAsync(
            state => FenceBroker.Unfence(state, self, epoch, configs), () => ErrorCode.NotController);
        if (error != ErrorCode.None)
            throw new IOException($"the cluster does not let this node serve: {error.Meaning()}");
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

        var answer = await metadata.Machine.CommandAsync(
            state => AssignReplicasToDirs.Decide(state, request, configs),
            () => AssignReplicasToDirs.Refuse(ErrorCode.NotController));
        return answer.ErrorCode;
    }

    /// <summary>What the node says of itself.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="config">Its configs.</param>
    /// <param name="directories">The ids of its data directories.</param>
    /// <param name="bound">The addresses it listens at, one for each of its client listeners, ports resolved.</param>
    public BrokerRegistrationRequest Introduce(
        Host host, BrokerConfig config, IEnumerable<Uuid> directories, IReadOnlyList<IPEndPoint> bound) => new()
        {
            BrokerId = config.Id,
            ClusterId = clusterId,
            IncarnationId = host.Random.NextUuid(),
            Rack = config.Rack,
            LogDirs = [.. directories],
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
}
