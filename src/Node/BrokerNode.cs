using System.Net;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Log;
using Barnabas.Replication;
using Barnabas.Server;
using Barnabas.Server.Apis;
using Barnabas.Server.Apis.Fetch;
using Barnabas.Server.Telemetry;
using Barnabas.Server.Transactions;
using Microsoft.Extensions.Logging;

namespace Barnabas.Node;

/// <summary>One process of a cluster: broker and controller, built from a <see cref="Host"/> and its configs
/// alone.</summary>
/// <remarks>It starts from the disk up: directories, metadata, logs, registration, and only then are clients let in. It
/// stops the other way round.</remarks>
public sealed partial class BrokerNode : IAsyncDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private readonly ILogger _log;
    private readonly IReadOnlyList<LogDirectory> _directories;
    private readonly MetadataRole _metadata;
    private readonly Replicas _replicas;
    private readonly SocketServer _server;
    private readonly long _epoch;

    private BrokerNode(
        ILogger log, IReadOnlyList<LogDirectory> directories, ObservedParts parts, IReadOnlyList<IPEndPoint> endPoints,
        long epoch)
    {
        (_log, _directories, _metadata, Broker, _server, EndPoints, _epoch) =
            (log, directories, parts.Metadata, parts.Broker, parts.Server, endPoints, epoch);
        _replicas = Broker.Replicas;
    }

    /// <summary>Where clients are served, one for each listener, ports resolved.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints { get; }

    /// <summary>The cluster's id.</summary>
    public string ClusterId => Broker.ClusterId;

    /// <summary>What the APIs work with.</summary>
    public Broker Broker { get; }

    /// <summary>What the node lets be seen of itself.</summary>
    public required NodeObservation Observation { get; init; }

    /// <summary>Starts a node; when this completes it serves.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="server">What the node was given.</param>
    /// <param name="halt">Called, from any lane, when the node can go on no longer; whoever runs it ends the
    /// process.</param>
    /// <exception cref="IOException">A directory or address cannot be had, or what is on disk is damaged.</exception>
    public static async Task<BrokerNode> StartAsync(Host host, ServerConfigs server, Action<Exception> halt)
    {
        var configs = new EffectiveConfigs(server) { Planted = host.Planted };
        var observation = await NodeObservation.StartAsync(
            host, server, configs.Broker(StoredConfigs.Empty).HttpListener);
        try
        {
            return await StartAsync(host, configs, observation, halt);
        }
        catch (IOException)
        {
            await observation.DisposeAsync();
            throw;
        }
    }

    private static async Task<BrokerNode> StartAsync(
        Host host, EffectiveConfigs configs, NodeObservation observation, Action<Exception> halt)
    {
        var log = host.Log.CreateLogger<BrokerNode>();
        var given = configs.Broker(StoredConfigs.Empty);
        var (directories, failed) = Identity.OpenAll(
            host, given.Id, [.. given.LogDirs.Append(given.MetadataLog.Directory).Distinct(StringComparer.Ordinal)],
            given.MetadataLog.Directory, Membership.Bootstrap);
        var clusterId = directories[0].Meta.ClusterId;

        var metadata = await MetadataRole.StartAsync(
            host, given.Id, directories.First(d => d.Path == given.MetadataLog.Directory), given.MetadataLog);
        var config = configs.Broker(metadata.Machine.Committed.Configs);
        var membership = new Membership(metadata, configs, clusterId);
        await membership.BeginAsync(host, config.MetadataLog.Directory);

        var logDirectories = directories.Where(d => config.LogDirs.Contains(d.Path)).ToList();
        var replicas = new Replicas(host, config.Id, logDirectories, failed, configs)
        {
            AllDirectoriesFailed = () => halt(new IOException("every log directory has failed")),
        };
        observation.Stage = BrokerStage.Recovering;
        await replicas.LoadAsync(metadata.Machine.Committed, config.RecoveryThreadsPerDir);

        var groups = GroupsRole.Create(host, config.Id, metadata, replicas, configs);
        var ids = new ProducerIds(host, config.Id, metadata.Machine);
        var offsetTransactions = new OffsetTransactions(host, groups);
        var topics = new TopicDirectory(() => metadata.Machine.Committed.Visible, replicas);
        var markers = new MarkerWriter(host, topics, offsetTransactions);
        var transactions = TransactionsRole.Create(host, metadata, replicas, configs, (ids, markers));
        var broker = new Broker(
            host, config.Id, clusterId, metadata.Machine, replicas, configs, Membership.Supported,
            new FetchSessionSlots(host.Random, config.FetchSessions), metadata.DescribeQuorum)
        {
            Groups = groups,
            Transactions = transactions,
            ProducerIds = ids,
            OffsetTransactions = offsetTransactions,
            Verifier = new TransactionVerifier(
                host.Time, () => configs.Broker(metadata.Machine.Committed.Visible.Configs).Verification,
                transactions.AddPartitionsAsync),
            Markers = markers,
            Telemetry = new ClientTelemetry(
                host, () => metadata.Machine.Committed.Visible, new ClientMeter(), config.TelemetryMaxBytes),
        };
        var limits = await Clients.LimitsOfAsync(host, config.Network) with { Quotas = broker.Quotas };
        var socketServer = new SocketServer(host, BrokerApis.Of(broker), limits, halt);
        var bound = await Clients.BindAsync(host, socketServer, config.Network);
        var epoch = await membership.RegisterAsync(membership.Introduce(
            host, config, logDirectories.Select(d => d.Meta.DirectoryId ?? Uuid.Zero), bound));
        replicas.AssignDirectories = assignments => membership.AssignAsync(config.Id, epoch, assignments);
        metadata.Machine.Observe(replicas.OnChanged);
        metadata.Machine.Observe(groups.OnChanged);
        metadata.Machine.Observe(transactions.OnChanged);
        metadata.Machine.Observe(new Reconfiguration(host, configs, socketServer).OnChanged);
        await membership.UnfenceAsync(config.Id, epoch);
        await replicas.SettledAsync();

        replicas.StartUpkeep(UpkeepIntervals.Of(config));
        groups.StartUpkeep();
        transactions.StartUpkeep();
        socketServer.Open();
        var parts = new ObservedParts(broker, socketServer, metadata);
        observation.Watch(parts);
        observation.Stage = BrokerStage.Running;
        var node = new BrokerNode(log, directories, parts, bound, epoch) { Observation = observation };
        node.WatchMetadata(halt);
        SayReady(log, config.Id, clusterId, string.Join(", ", bound));
        return node;
    }

    /// <summary>Answers what is under way, closes everything cleanly, and leaves word of it for the next
    /// start.</summary>
    public async ValueTask DisposeAsync()
    {
        SayStopping(_log);
        Observation.Stage = BrokerStage.Stopping;
        await Broker.Groups.CloseAsync();
        await Broker.Transactions.CloseAsync();
        await _server.StopAsync(Grace);
        Broker.Telemetry.Dispose();
        await _replicas.StopUpkeepAsync();
        await _metadata.DisposeAsync();
        await _replicas.CloseAsync(_epoch);
        foreach (var directory in _directories)
            directory.Dispose();
        await Observation.DisposeAsync();
        SayStopped(_log);
    }

    private async void WatchMetadata(Action<Exception> halt) => halt(await _metadata.Fault);

    [LoggerMessage(LogLevel.Information, "Node {Node} of cluster {Cluster} serves at {Addresses}")]
    private static partial void SayReady(ILogger log, BrokerId node, string cluster, string addresses);

    [LoggerMessage(LogLevel.Information, "Stopping")]
    private static partial void SayStopping(ILogger log);

    [LoggerMessage(LogLevel.Information, "Stopped")]
    private static partial void SayStopped(ILogger log);
}
