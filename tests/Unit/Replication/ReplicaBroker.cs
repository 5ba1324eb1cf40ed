using System.Diagnostics.CodeAnalysis;
using System.Net;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Log;
using Barnabas.Replication;
using Barnabas.Server;
using Barnabas.Server.Apis;
using Barnabas.Server.Apis.Fetch;
using Barnabas.Sim;
using Barnabas.Wire;

namespace Barnabas.Tests.Unit.Replication;

/// <summary>A broker as far as replication goes: its replicas, and a server that answers followers. It can be killed
/// and started again.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Its world ends with it.")]
internal sealed class ReplicaBroker(ReplicaStory story, int id)
{
    private const int FirstPort = 9000;
    private SocketServer? _server;
    private LogDirectory? _directory;

    public BrokerId Id { get; } = new(id);

    public int Port => FirstPort + id;

    /// <summary>Its disk, which outlives it.</summary>
    public SimDisk Disk { get; private set; } = new(story.World.Seed + id, story.World);

    public SimProcess? Process { get; private set; }

    public Host? Host { get; private set; }

    public Replicas? Replicas { get; private set; }

    public PushedJournal? Journal { get; private set; }

    public bool IsUp => Process is { IsDead: false };

    /// <summary>What it knows of the cluster when it opens its disk; null for all there is.</summary>
    public ClusterState? KnownAtStart { get; set; }

    /// <summary>Its replica of the story's partition; null where it has none.</summary>
    public Partition? Partition => IsUp ? Replicas?.Find(story.Topic, 0) : null;

    /// <summary>Its view of that partition.</summary>
    public PartitionView View => Partition!.View;

    public LogView Log => View.Log!;

    public Uuid DirectoryId => _directory!.Meta.DirectoryId!.Value;

    /// <summary>Opens its disk; it is not part of the cluster yet.</summary>
    public async Task OpenAsync()
    {
        Process = story.World.NewProcess();
        var host = Host = story.Dress(Process.NewHost(Disk));
        if (LogDirectory.TryReadMeta(Disk, "/data") is null)
            LogDirectory.Format(host, "/data", "cluster", Id);
        _directory = LogDirectory.Open(host, "/data");
        var configs = story.ConfigsOf(id);
        Replicas = new Replicas(host, Id, [_directory], [], configs)
        {
            AlterPartition = story.AlterAsync,
            AssignDirectories = assignments => story.AssignAsync(Id, assignments),
        };
        await Replicas.LoadAsync(KnownAtStart ?? story.State, 1);
        var lane = host.Lanes.NewLane("metadata");
        Journal = new PushedJournal(lane, [.. story.Records]);
        var machine = new Machine<ClusterState, ITypedRecord>(lane, Journal);
        await machine.StartAsync();
        machine.Observe(Replicas.OnChanged);
        await Replicas.SettledAsync();
        Replicas.StartUpkeep(UpkeepIntervals.Of(configs.Broker(StoredConfigs.Empty)));
        Serve(host, machine, configs);
    }

    /// <summary>Ends it at once; what its disk has not synced is kept, lost or torn.</summary>
    public void Kill(CrashKind kind)
    {
        Process!.Kill();
        Disk.Crash(kind);
    }

    /// <summary>Its disk is replaced by an empty one.</summary>
    public void Wipe() => Disk = new SimDisk(story.World.Seed + id, story.World);

    /// <summary>Stops it in good order.</summary>
    public async Task StopAsync()
    {
        await _server!.StopAsync(TimeSpan.FromSeconds(1));
        await Replicas!.StopUpkeepAsync();
        await Replicas.CloseAsync(Replicas.BrokerEpoch);
        Process!.Kill();
        Disk.Crash(CrashKind.KeepsAll);
    }

    private void Serve(Host host, Machine<ClusterState, ITypedRecord> machine, EffectiveConfigs configs)
    {
        var broker = new Broker(
            host, Id, "cluster", machine, Replicas!, configs, new SortedDictionary<string, FeatureRange>(),
            new FetchSessionSlots(host.Random, 1), () => throw new InvalidOperationException("nobody asks"))
        {
            Link = null!,
            Groups = null!,
            Transactions = null!,
            ProducerIds = null!,
            Markers = null!,
            Verifier = null!,
            OffsetTransactions = null!,
            Telemetry = null!,
        };
        var apis = new ApiTable();
        apis.Add(new ApiVersionsApi(apis, () => Features.None));
        apis.Add(new FetchApi(broker));
        apis.Add(new ListOffsetsApi(broker));
        _server = new SocketServer(host, apis, new SocketServerOptions(), fault => story.Halts.Add((Id, fault)));
        _server.Bind(new ListenerOptions("PLAINTEXT", new IPEndPoint(IPAddress.Loopback, Port)));
        _server.Open();
    }
}
