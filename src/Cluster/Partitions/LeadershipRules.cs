using Barnabas.Base;
using Barnabas.Cluster.Configs;

namespace Barnabas.Cluster;

/// <summary>What changes of partitions are decided by: who may lead, and what features and topics ask for.</summary>
internal sealed class LeadershipRules(ClusterState state, EffectiveConfigs configs)
{
    /// <summary>A broker that may not lead, whatever the state says of it; none for no such one.</summary>
    public BrokerId Leaving { get; init; } = BrokerId.None;

    /// <summary>A broker that may lead, though the state says it is fenced; none for no such one.</summary>
    public BrokerId Returning { get; init; } = BrokerId.None;

    /// <summary>True where replicas that hold everything committed are known when they are in sync no longer
    /// (KIP-966).</summary>
    public bool TracksEligible { get; } = state.TracksEligible;

    /// <summary>True where brokers take note of a smaller ISR only by a new leader epoch (KAFKA-15021).</summary>
    public bool ShrinkBeginsEpoch { get; } =
        state.Features.TryGetValue(ClusterSnapshot.MetadataVersion, out var level)
        && level < MetadataVersions.WithEpochKeptOnShrink;

    /// <summary>True when a broker may lead a partition: it is active, and holds it in a log directory that is
    /// online.</summary>
    public bool MayLead(PartitionState partition, BrokerId broker) =>
        broker != Leaving
        && state.Brokers.TryGetValue(broker, out var registration)
        && (IsActive(registration) || configs.Has(PlantedBug.FencedLeaderElected))
        && (partition.DirectoryOf(broker) is not { } directory || registration.HasOnline(directory));

    /// <summary>The election that is held for a topic's partitions when one of them needs a leader.</summary>
    public ElectionKind ElectionOf(string topic) =>
        AllowsUnclean(topic) ? ElectionKind.Unclean : ElectionKind.Clean;

    /// <summary>Whether a topic would rather have a leader than all its records.</summary>
    public bool AllowsUnclean(string topic) =>
        configs.Topic(state.Configs, topic).UncleanLeaderElection || configs.Has(PlantedBug.UncleanNotAsked);

    /// <summary>How many of a topic's replicas have to be in sync before anything counts as committed.</summary>
    public int MinInSync(string topic, int replicas) =>
        Math.Min(configs.Topic(state.Configs, topic).MinInsyncReplicas, replicas);

    /// <summary>The log directory in which a broker is to hold a new replica.</summary>
    public Uuid DirectoryFor(BrokerId broker) =>
        state.Brokers.TryGetValue(broker, out var registration)
            ? registration.DefaultDirectory
            : Uuid.UnassignedDirectory;

    /// <summary>True when these decisions are to have a bug.</summary>
    public bool Has(PlantedBug bug) => configs.Has(bug);

    private bool IsActive(BrokerState broker) =>
        !broker.InControlledShutdown && (!broker.Fenced || broker.Id == Returning);
}
