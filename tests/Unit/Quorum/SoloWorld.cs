using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Quorum;
using Barnabas.Sim;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Quorum;

/// <summary>A simulated machine with a metadata log on its disk, started as often as a test likes.</summary>
internal sealed class SoloWorld
{
    public const string LogDir = "/data";
    public const string Directory = LogDir + "/__cluster_metadata-0";
    public static readonly Voter Self = new(new BrokerId(1), new Uuid(0x0123456789abcdef, 0x0123456789abcdef));

    public SoloWorld(int seed)
    {
        World = new World(seed);
        Disk = new SimDisk(seed, World);
        Host = World.NewHost(Disk);
        Disk.CreateDirectory(LogDir);
        Disk.SyncDirectory("/");
    }

    public World World { get; }

    public SimDisk Disk { get; }

    public Host Host { get; }

    /// <summary>Starts a node on what is on the disk.</summary>
    public async Task<SoloNode> StartAsync(SoloSettings? settings = null, long snapshotBytes = long.MaxValue)
    {
        var lane = World.NewLane("controller");
        var journal = await SoloJournal.OpenAsync(Host, lane, settings ?? new SoloSettings(LogDir, Self));
        var machine = new Machine<Names, ITypedRecord>(lane, journal);
        await machine.StartAsync();
        var keeper = new SnapshotKeeper<Names>(
            Host, lane, journal, machine, state => state.ToRecords(), new SnapshotRules(snapshotBytes, null));
        return new SoloNode(journal, machine, keeper);
    }

    public IReadOnlyList<string> Files() => [.. Disk.List(Directory).Select(entry => entry.Name)];

    public string LogFile() =>
        Path.Combine(Directory, Files().Last(name => name.EndsWith(".log", StringComparison.Ordinal)));
}

internal sealed record SoloNode(
    SoloJournal Journal, Machine<Names, ITypedRecord> Machine, SnapshotKeeper<Names> Keeper)
{
    public IReadOnlyList<string> Committed => Machine.Committed.All;

    /// <summary>Adds topics with these names in one append; false when the node lost the log.</summary>
    public Task<bool> AddAsync(params string[] names) => Machine.CommandAsync<bool>(
        _ => new(true, [.. names.Select(Names.Record)]), () => false);
}

/// <summary>A state simple to compare: the names of topics in the order they came.</summary>
internal sealed record Names(IReadOnlyList<string> All) : IReplayed<Names, ITypedRecord>
{
    public static Names Empty { get; } = new([]);

    public static ITypedRecord Record(string name) =>
        new TopicRecord { Name = name, TopicId = new TopicId(new Uuid(1, 1)) };

    public Names Apply(ITypedRecord record) => record is TopicRecord topic ? new([.. All, topic.Name]) : this;

    public Names Apply(IReadOnlyList<ITypedRecord> records) =>
        records.Aggregate(this, static (names, record) => names.Apply(record));

    public IEnumerable<ITypedRecord> ToRecords() => All.Select(Record);
}
