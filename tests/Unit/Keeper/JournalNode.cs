using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Keeper;
using Barnabas.Sim;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Keeper;

/// <summary>A node that follows, and may lead, a journal kept by a simulated ensemble. Its state is the list of what
/// was committed.</summary>
internal sealed class JournalNode(JournalStory story, int id) : IJournalFollower<ITypedRecord>
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private SimProcess? _process;
    private Host? _host;
    private Lane? _lane;

    /// <summary>What was committed, by offset.</summary>
    public List<string> Log { get; } = [];

    /// <summary>The epochs of the batches, as they came.</summary>
    public List<int> Epochs { get; } = [];

    /// <summary>How often a snapshot was taken in place of batches.</summary>
    public int Snapshots { get; private set; }

    public KeeperJournal? Journal { get; private set; }

    public bool Leads { get; private set; }

    public int Epoch { get; private set; }

    /// <summary>True from the start of its process on until that ends.</summary>
    public bool IsUp => _process is not null;

    /// <summary>Completes when the journal is open.</summary>
    public Task Opened { get; private set; } = Task.CompletedTask;

    public int Id => id;

    public Task StartAsync() => Opened = OpenAsync();

    public void Kill()
    {
        _process?.Kill();
        (_process, Journal, Leads) = (null, null, false);
        _asked.Clear();
    }

    public async Task CloseAsync()
    {
        if (Journal is { } journal)
            await journal.CloseAsync();
        (_process, Journal) = (null, null);
    }

    /// <summary>Appends records together where the node leads.</summary>
    public void Append(params string[] names) => _lane?.Post(() =>
    {
        if (!Leads || Journal is not { } journal)
            return;
        _asked.UnionWith(names);
        var offset = journal.NextOffset;
        var last = journal.Append(Epoch, [.. names.Select(Record)]);
        story.Hold(last == offset + names.Length - 1, $"node {id}: {names.Length} records at {offset} end at {last}");
    });

    /// <summary>Writes a snapshot where the node leads; what keeps it from that is no matter.</summary>
    public void Snapshot() => _lane?.Post(async () =>
    {
        if (!Leads || Journal is not { } journal || Log.Count <= journal.SnapshotEnd)
            return;
        try
        {
            var records = Log.Select(Record).ToArray();
            await journal.WriteSnapshotAsync(Log.Count, Epochs[^1], 0, records);
        }
        catch (IOException)
        {
            story.SnapshotsLost++;
        }
    });

    public void OnSnapshot(Committed<ITypedRecord> snapshot)
    {
        story.Hold(!Leads, $"node {id}: a leader has all records");
        var names = snapshot.Records.Select(Name).ToArray();
        story.Hold(names.Length == snapshot.LastOffset + 1, $"node {id}: a snapshot of another length");
        story.Hold(names.Take(Log.Count).SequenceEqual(Log), $"node {id}: a snapshot says otherwise");
        Log.Clear();
        Log.AddRange(names);
        Epochs.Add(snapshot.Epoch);
        Snapshots++;
    }

    public void OnCommitted(Committed<ITypedRecord> batch)
    {
        var first = batch.LastOffset - batch.Records.Count + 1;
        story.Hold(first == Log.Count, $"node {id}: offset {first} after {Log.Count - 1}");
        story.Hold(Epochs.Count == 0 || batch.Epoch >= Epochs[^1], $"node {id}: epoch {batch.Epoch} after a later one");
        story.Hold(!Leads || batch.Epoch == Epoch, $"node {id} leads {Epoch}, and is given one of {batch.Epoch}");
        Epochs.Add(batch.Epoch);
        foreach (var name in batch.Records.Select(Name))
        {
            Log.Add(name);
            story.Committed(id, Log.Count - 1, batch.Epoch, name);
            if (Leads && _asked.Remove(name))
                story.Acknowledged.Add(name);
        }
    }

    public void OnEpoch(int epoch, bool leads)
    {
        story.Hold(epoch >= Epoch, $"node {id}: epoch {epoch} after {Epoch}");
        story.Hold(!leads || story.Began.Add(epoch), $"node {id}: epoch {epoch} has two leaders");
        (Epoch, Leads) = (epoch, leads);
        _asked.Clear();
    }

    private async Task OpenAsync()
    {
        _process = story.World.NewProcess();
        _host = story.Shape(_process.NewHost(new SimDisk(id, story.World)));
        _lane = _host.Lanes.NewLane($"node {id}");
        Log.Clear();
        Epochs.Clear();
        var process = _process;
        var journal = await KeeperJournal.OpenAsync(_host, _lane, story.Settings(id));
        if (process.IsDead)
            return;
        Journal = journal;
        _lane.Post(() => journal.Follow(this));
    }

    private static ITypedRecord Record(string name) =>
        new TopicRecord { Name = name, TopicId = new TopicId(new Uuid(1, (ulong)name.Length)) };

    private static string Name(ITypedRecord record) => ((TopicRecord)record).Name;
}
