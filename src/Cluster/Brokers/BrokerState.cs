using System.Collections.Immutable;
using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>A broker's registration.</summary>
public sealed record BrokerState
{
    /// <summary>Its id.</summary>
    public required BrokerId Id { get; init; }

    /// <summary>The offset of its registration in the metadata log: a later one fences the earlier.</summary>
    public required long Epoch { get; init; }

    /// <summary>The process that registered: another at each start.</summary>
    public required Uuid IncarnationId { get; init; }

    /// <summary>Where it listens, in the order it gave.</summary>
    public required ImmutableArray<Endpoint> Endpoints { get; init; }

    /// <summary>What it supports, by feature.</summary>
    public required PersistentMap<string, FeatureRange> Features { get; init; }

    /// <summary>Its rack; null when none is configured.</summary>
    public string? Rack { get; init; }

    /// <summary>True while it may not lead or be in sync: just registered, or silent.</summary>
    public bool Fenced { get; init; }

    /// <summary>True once it asked to stop and its partitions are being moved away.</summary>
    public bool InControlledShutdown { get; init; }

    /// <summary>True for a broker that still migrated from ZooKeeper.</summary>
    public bool IsMigratingZkBroker { get; init; }

    /// <summary>Its log directories that are online.</summary>
    public ImmutableArray<Uuid> LogDirs { get; init; } = [];

    /// <summary>True when it may lead and be in sync.</summary>
    public bool IsActive => !Fenced && !InControlledShutdown;

    /// <summary>The directory a new replica goes to: the only one there is, else one that is chosen later.</summary>
    public Uuid DefaultDirectory => LogDirs.Length == 1 ? LogDirs[0] : Uuid.UnassignedDirectory;

    /// <summary>True unless a log directory is known to be gone; one that is not chosen yet is not.</summary>
    public bool HasOnline(Uuid directory) =>
        directory == Uuid.Zero || directory == Uuid.UnassignedDirectory || LogDirs.IsEmpty
        || LogDirs.Contains(directory);

    /// <summary>Where it listens under <paramref name="listener"/>; null where it has no such listener.</summary>
    public Endpoint? EndpointOf(string listener)
    {
        foreach (var endpoint in Endpoints)
        {
            if (endpoint.Name == listener)
                return endpoint;
        }

        return null;
    }

    /// <summary>The registration as its record tells.</summary>
    internal static BrokerState From(RegisterBrokerRecord record)
    {
        var features = PersistentMap<string, FeatureRange>.Empty(StringComparer.Ordinal).BeginEdit();
        foreach (var feature in record.Features)
            features.Set(feature.Name, new FeatureRange(feature.MinSupportedVersion, feature.MaxSupportedVersion));
        return new BrokerState
        {
            Id = record.BrokerId,
            Epoch = record.BrokerEpoch,
            IncarnationId = record.IncarnationId,
            Endpoints = [.. record.EndPoints.Select(
                e => new Endpoint(e.Name, e.Host, e.Port, (SecurityProtocol)e.SecurityProtocol))],
            Features = features.Done(),
            Rack = record.Rack,
            Fenced = record.Fenced,
            InControlledShutdown = record.InControlledShutdown,
            IsMigratingZkBroker = record.IsMigratingZkBroker,
            LogDirs = [.. record.LogDirs],
        };
    }

    /// <summary>The record that rebuilds the registration.</summary>
    internal RegisterBrokerRecord ToRecord() => new()
    {
        BrokerId = Id,
        BrokerEpoch = Epoch,
        IncarnationId = IncarnationId,
        EndPoints = [.. Endpoints.Select(e => new RegisterBrokerRecord.BrokerEndpoint
        {
            Name = e.Name,
            Host = e.Host,
            Port = (ushort)e.Port,
            SecurityProtocol = (short)e.SecurityProtocol,
        })],
        Features = [.. Features.Select(f => new RegisterBrokerRecord.BrokerFeature
        {
            Name = f.Key,
            MinSupportedVersion = f.Value.Min,
            MaxSupportedVersion = f.Value.Max,
        })],
        Rack = Rack,
        Fenced = Fenced,
        InControlledShutdown = InControlledShutdown,
        IsMigratingZkBroker = IsMigratingZkBroker,
        LogDirs = [.. LogDirs],
    };

    /// <summary>The registration after a change: 1 sets a flag, -1 clears it, 0 leaves it.</summary>
    internal BrokerState With(BrokerRegistrationChangeRecord change) => this with
    {
        Fenced = change.Fenced == 0 ? Fenced : change.Fenced > 0,
        InControlledShutdown = InControlledShutdown || change.InControlledShutdown > 0,
        LogDirs = change.LogDirs.Count == 0 ? LogDirs : [.. change.LogDirs],
    };
}
