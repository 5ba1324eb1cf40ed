using System.Net;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Keeper;
using Barnabas.Log;
using Barnabas.Quorum;
using Barnabas.Replication;
using Barnabas.Server;
using Barnabas.Server.Apis;
using Barnabas.Server.Apis.Fetch;
using Barnabas.Server.Telemetry;
using Barnabas.Server.Transactions;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
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
    private readonly ClusterTies _ties;
    private readonly long _epoch;

    private BrokerNode(
        ILogger log, IReadOnlyList<LogDirectory> directories, ObservedParts parts, ClusterTies ties,
        IReadOnlyList<IPEndPoint> endPoints, long epoch)
    {
        (_log, _directories, _metadata, Broker, _server, EndPoints, _epoch) =
            (log, directories, parts.Metadata, parts.Broker, parts.Server, endPoints, epoch);
        (_replicas, _ties) = (Broker.Replicas, ties);
    }

    /// <summary>Where clients are served, one for each listener, ports resolved.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints { get; }

    /// <summary>The cluster's id.</summary>
    public string ClusterId => Broker.ClusterId;

    /// <summary>What the APIs work with.</summary>
    public Broker Broker { get; }

    /// <summary>What is served.</summary>
    public required ApiTable Apis { get; init; }

    /// <summary>What the node lets be seen of itself.</summary>
    public required NodeObservation Observation { get; init; }

    /// <summary>Starts a node; when this completes it serves.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="server">What the node was given.</param>
    /// <param name="halt">Called, from any lane, when the node can go on no longer; whoever runs it ends the
    /// process.</param>
    /// <param name="shared">The metadata that it shares with other nodes of the process; null for a node that is a
    /// cluster of its own.</param>
    /// <exception cref="IOException">A directory or address cannot be had, or what is on disk is damaged.</exception>
    public static async Task<BrokerNode> StartAsync(
        Host host, ServerConfigs server, Action<Exception> halt, SharedMetadata? shared = null)
    {
        var configs = new EffectiveConfigs(server) { Planted = host.Planted };
        var given = configs.Broker(StoredConfigs.Empty);
        // Directories and the log of the metadata are opened by a thread of its own; there is enough to do until then.
        var opening = OpenAsync(host, given, shared);
        var observation = await ObserveAsync(host, server, given.HttpListener, opening);
        try
        {
            var isAlone = shared is null && given.ZooKeeper is null;
            return await StartAsync(host, configs, observation, halt, (await opening, isAlone));
        }
        catch (IOException)
        {
            await observation.DisposeAsync();
            throw;
        }
    }

    private static async Task<NodeObservation> ObserveAsync(
        Host host, ServerConfigs server, string listener, Task<OpenedNode> opening)
    {
        try
        {
            return await NodeObservation.StartAsync(host, server, listener);
        }
        catch (IOException)
        {
            var opened = await opening;
            await opened.Replayed;
            await opened.Metadata.WithdrawAsync();
            throw;
        }
    }

    private static async Task<BrokerNode> StartAsync(
        Host host, EffectiveConfigs configs, NodeObservation observation, Action<Exception> halt,
        (OpenedNode Opened, bool IsAlone) parts)
    {
        var (opened, isAlone) = parts;
        var given = configs.Broker(StoredConfigs.Empty);
        var ties = ClusterTies.Of(host, opened.Metadata, configs, opened.ClusterId, isAlone);
        try
        {
            // All that only has to be told of the metadata is put together while its log is read.
            var broker = CreateBroker(host, configs, opened, ties, halt);
            var apis = BrokerApis.Of(
                broker, ties.Controller, isAlone ? null : given.Network.Listeners.InterBroker);
            await opened.Replayed;
            await ties.Membership.BeginAsync(FirstRecords(host, given, isAlone));
            return await StartAsync(configs, observation, halt, (opened, ties, broker, apis));
        }
        catch (IOException)
        {
            // Others would wait for a leader that is gone until its time is over.
            await ties.DisposeAsync();
            await opened.Metadata.WithdrawAsync();
            throw;
        }
    }

    private static async Task<BrokerNode> StartAsync(
        EffectiveConfigs configs, NodeObservation observation, Action<Exception> halt,
        (OpenedNode Opened, ClusterTies Ties, Broker Broker, ApiTable Apis) parts)
    {
        var (opened, ties, broker, apis) = parts;
        var (host, replicas, metadata) = (broker.Host, broker.Replicas, opened.Metadata);
        var log = host.Log.CreateLogger<BrokerNode>();
        var config = configs.Broker(metadata.Machine.Committed.Configs);
        observation.Stage = BrokerStage.Recovering;
        await replicas.LoadAsync(metadata.Machine.Committed, config.RecoveryThreadsPerDir);

        var limits = await Clients.LimitsOfAsync(host, config.Network) with { Quotas = broker.Quotas };
        var socketServer = new SocketServer(host, apis, limits, halt);
        var bound = await Clients.BindAsync(host, socketServer, config.Network);
        var logDirectories = opened.LogDirectoriesOf(config);
        var epoch = await ties.Membership.RegisterAsync(ties.Membership.Introduce(
            config, broker.ClusterId, logDirectories.Select(d => d.Meta.DirectoryId ?? Uuid.Zero), bound,
            CleanEpoch(logDirectories)));
        replicas.BrokerEpoch = epoch;
        replicas.AssignDirectories = assignments => ties.Membership.AssignAsync(config.Id, epoch, assignments);
        metadata.Machine.Observe(replicas.OnChanged);
        metadata.Machine.Observe(broker.Groups.OnChanged);
        metadata.Machine.Observe(broker.Transactions.OnChanged);
        metadata.Machine.Observe(new Reconfiguration(host, configs, socketServer).OnChanged);
        await ties.EnterAsync(config, epoch, () => replicas.OfflineDirectories, halt);
        await replicas.SettledAsync();

        socketServer.Open();
        replicas.StartUpkeep(UpkeepIntervals.Of(config));
        broker.Groups.StartUpkeep();
        broker.Transactions.StartUpkeep();
        var observed = new ObservedParts(broker, socketServer, metadata);
        observation.Watch(observed);
        observation.Stage = BrokerStage.Running;
        var node = new BrokerNode(log, opened.Directories, observed, ties, bound, epoch)
        {
            Observation = observation,
            Apis = apis,
        };
        node.WatchMetadata(halt);
        SayReady(log, config.Id, broker.ClusterId, string.Join(", ", bound));
        return node;
    }

    private static async Task<OpenedNode> OpenAsync(Host host, BrokerConfig given, SharedMetadata? shared)
    {
        if (shared is not null)
        {
            var own = await Identity.OpenAllAsync(
                host, given.Id, given.LogDirs, null, _ => Task.FromResult(shared.ClusterId));
            var joined = new MetadataRole(host);
            await joined.JoinAsync(host, given.Id, shared.Journal);
            return new(own.Open, own.Failed, joined);
        }

        if (given.ZooKeeper is { } keeper)
            return await JoinAsync(host, given, keeper);
        var home = given.MetadataLog.Directory;
        var opening = Identity.OpenAllAsync(
            host, given.Id, [.. given.LogDirs.Append(home).Distinct(StringComparer.Ordinal)], home,
            known =>
            {
                MetadataRole.CheckNotMoved(host, home);
                return Task.FromResult(known ?? host.Random.NextUuid().ToString());
            });
        var metadata = new MetadataRole(host);
        var (open, failed) = await opening;
        return new(open, failed, metadata)
        {
            Replayed = metadata.StartAsync(
                host, given.Id, open.First(directory => directory.Path == home), given.MetadataLog),
        };
    }

    /// <summary>Opens a node whose metadata an ensemble keeps. A cluster begins there with a node that is new: who has
    /// data brings it along (<c>barnabas cluster move</c>), or has lost its way.</summary>
    private static async Task<OpenedNode> JoinAsync(Host host, BrokerConfig given, ZooKeeperConfig keeper)
    {
        MetadataRole? metadata = null;
        try
        {
            var own = await Identity.OpenAllAsync(host, given.Id, given.LogDirs, null, async known =>
            {
                var newId = known is null ? host.Random.NextUuid().ToString() : null;
                metadata = new MetadataRole(host);
                return await metadata.JoinAsync(host, given.Id, keeper, given.MetadataLog, newId);
            });
            Invariant.Holds(metadata is not null, "directories are opened once the cluster is known");
            return new(own.Open, own.Failed, metadata);
        }
        catch (NoClusterException fault)
        {
            throw new IOException(
                $"{fault.Message}, and {string.Join(", ", given.LogDirs)} belongs to one: zookeeper.connect names the "
                + "wrong place, or the node's own metadata is not there yet (barnabas cluster move takes it there)",
                fault);
        }
        catch (IOException) when (metadata is not null)
        {
            await metadata.DisposeAsync();
            throw;
        }
    }

    private static IReadOnlyList<ITypedRecord> FirstRecords(Host host, BrokerConfig given, bool isAlone) =>
        (isAlone ? BootstrapCheckpoint.Read(host, given.MetadataLog.Directory) : null) ?? Membership.Bootstrap;

    /// <summary>The broker's epoch at its last stop, where that was a clean one in every directory; else -1
    /// (KIP-966).</summary>
    private static long CleanEpoch(IReadOnlyList<LogDirectory> directories)
    {
        var epochs = directories.Select(d => d.CleanShutdownEpoch ?? -1).Distinct().ToList();
        return epochs.Count == 1 ? epochs[0] : -1;
    }

    /// <summary>What the APIs work with. What a broker is configured with and cannot be changed while it runs is known
    /// without the metadata; all else is asked for when it is needed.</summary>
    private static Broker CreateBroker(
        Host host, EffectiveConfigs configs, OpenedNode opened, ClusterTies ties, Action<Exception> halt)
    {
        var metadata = opened.Metadata;
        var config = configs.Broker(StoredConfigs.Empty);
        var replicas = new Replicas(host, config.Id, opened.LogDirectoriesOf(config), opened.Failed, configs)
        {
            AllDirectoriesFailed = () => halt(new IOException("every log directory has failed")),
            AlterPartition = request => ties.Link.AskAsync(
                request, state => AlterPartition.Decide(state, request, configs), AlterPartition.Refuse),
        };
        var groups = GroupsRole.Create(host, config.Id, metadata, replicas, configs);
        var ids = new ProducerIds(host, config.Id, State, request => ties.Link.AskAsync(
            request, state => AllocateProducerIds.Decide(state, request),
            error => new AllocateProducerIdsResponse { ErrorCode = error }));
        var offsetTransactions = new OffsetTransactions(host, groups);
        var topics = new TopicDirectory(State, replicas);
        var markers = new MarkerWriter(host, topics, offsetTransactions);
        var router = new MarkerRouter(host, State, markers, ties.Brokers, Patience);
        var transactions = TransactionsRole.Create(host, metadata, replicas, configs, (ids, router));
        var coordinators = new CoordinatorLink(State, transactions.AddPartitionsAsync, ties.Brokers, Patience);
        return new Broker(
            host, config.Id, opened.ClusterId, metadata.Machine, replicas, configs, Membership.Supported,
            new FetchSessionSlots(host.Random, config.FetchSessions), metadata.DescribeQuorum)
        {
            Link = ties.Link,
            MayBeFenced = () => ties.MayBeFenced,
            Groups = groups,
            Transactions = transactions,
            ProducerIds = ids,
            OffsetTransactions = offsetTransactions,
            Verifier = new TransactionVerifier(
                host.Time, () => configs.Broker(State().Configs).Verification, coordinators.AddAsync),
            Markers = markers,
            Telemetry = new ClientTelemetry(host, State, new ClientMeter(), config.TelemetryMaxBytes),
        };

        ClusterState State() => metadata.Machine.Committed.Visible;
        TimeSpan Patience() => configs.Broker(State().Configs).Transactions.RequestTimeout;
    }

    /// <summary>Answers what is under way, closes everything cleanly, and leaves word of it for the next
    /// start.</summary>
    public async ValueTask DisposeAsync()
    {
        SayStopping(_log);
        Observation.Stage = BrokerStage.Stopping;
        await _ties.LeaveAsync();
        // A controller that answers nobody would miss all brokers.
        await _metadata.WithdrawAsync();
        _ties.Link.Close();
        await Broker.Groups.CloseAsync();
        await Broker.Transactions.CloseAsync();
        await _server.StopAsync(Grace);
        Broker.Telemetry.Dispose();
        await _replicas.StopUpkeepAsync();
        await _ties.DisposeAsync();
        await _metadata.DisposeAsync();
        await _replicas.CloseAsync(_epoch);
        foreach (var directory in _directories)
            directory.Dispose();
        await Observation.DisposeAsync();
        SayStopped(_log);
    }

    /// <summary>Ends without a word to clients or to the cluster, and closes nothing cleanly: what <c>kill -9</c> would
    /// leave, within a process that goes on.</summary>
    public async Task AbandonAsync()
    {
        Observation.Stage = BrokerStage.Stopping;
        await _metadata.WithdrawAsync();
        await _ties.AbandonAsync();
        // Connections end with what they wait for, and that ends with the logs.
        var stopped = _server.StopAsync(TimeSpan.Zero);
        await Broker.Groups.CloseAsync();
        await Broker.Transactions.CloseAsync();
        await _replicas.StopUpkeepAsync();
        await _replicas.AbandonAsync();
        await stopped;
        Broker.Telemetry.Dispose();
        await _metadata.DisposeAsync();
        foreach (var directory in _directories)
            directory.Dispose();
        await Observation.DisposeAsync();
    }

    private async void WatchMetadata(Action<Exception> halt) => halt(await _metadata.Fault);

    [LoggerMessage(LogLevel.Information, "Node {Node} of cluster {Cluster} serves at {Addresses}")]
    private static partial void SayReady(ILogger log, BrokerId node, string cluster, string addresses);

    [LoggerMessage(LogLevel.Information, "Stopping")]
    private static partial void SayStopping(ILogger log);

    [LoggerMessage(LogLevel.Information, "Stopped")]
    private static partial void SayStopped(ILogger log);
}
