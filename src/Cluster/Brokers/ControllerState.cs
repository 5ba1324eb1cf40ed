using System.Collections.Immutable;
using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>A controller's registration (KIP-919).</summary>
public sealed record ControllerState
{
    /// <summary>Its id.</summary>
    public required BrokerId Id { get; init; }

    /// <summary>The process that registered.</summary>
    public required Uuid IncarnationId { get; init; }

    /// <summary>True when it was ready to migrate from ZooKeeper.</summary>
    public bool ZkMigrationReady { get; init; }

    /// <summary>Where it listens, in the order it gave.</summary>
    public required ImmutableArray<Endpoint> Endpoints { get; init; }

    /// <summary>What it supports, by feature.</summary>
    public required PersistentMap<string, FeatureRange> Features { get; init; }

    /// <summary>The registration as its record tells.</summary>
    internal static ControllerState From(RegisterControllerRecord record)
    {
        var features = PersistentMap<string, FeatureRange>.Empty(StringComparer.Ordinal).BeginEdit();
        foreach (var feature in record.Features)
            features.Set(feature.Name, new FeatureRange(feature.MinSupportedVersion, feature.MaxSupportedVersion));
        return new ControllerState
        {
            Id = record.ControllerId,
            IncarnationId = record.IncarnationId,
            ZkMigrationReady = record.ZkMigrationReady,
            Endpoints = [.. record.EndPoints.Select(
                e => new Endpoint(e.Name, e.Host, e.Port, (SecurityProtocol)e.SecurityProtocol))],
            Features = features.Done(),
        };
    }

    /// <summary>The record that rebuilds the registration.</summary>
    internal RegisterControllerRecord ToRecord() => new()
    {
        ControllerId = Id,
        IncarnationId = IncarnationId,
        ZkMigrationReady = ZkMigrationReady,
        EndPoints = [.. Endpoints.Select(e => new RegisterControllerRecord.ControllerEndpoint
        {
            Name = e.Name,
            Host = e.Host,
            Port = (ushort)e.Port,
            SecurityProtocol = (short)e.SecurityProtocol,
        })],
        Features = [.. Features.Select(f => new RegisterControllerRecord.ControllerFeature
        {
            Name = f.Key,
            MinSupportedVersion = f.Value.Min,
            MaxSupportedVersion = f.Value.Max,
        })],
    };
}
