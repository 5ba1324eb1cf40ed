using System.Runtime.InteropServices;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Journal;
using Barnabas.Log;
using Barnabas.Records;
using Barnabas.Wire;
using Microsoft.Extensions.Logging;

namespace Barnabas.Quorum;

/// <summary>The metadata log of a node that is alone: it always leads, and what is synced is committed.</summary>
/// <remarks>
/// The files are those of Apache Kafka's <c>__cluster_metadata-0</c>. What is appended while a sync runs waits, and
/// goes to disk as one batch after it: so there is one write a sync, and at most the last batch can be torn by a crash.
/// Owned by one lane, that of its follower.
/// </remarks>
public sealed partial class SoloJournal : IQuorumJournal<ITypedRecord>, ISnapshotted<ITypedRecord>
{
    // What Kafka's readers take at once.
    private const int LargestBatch = 8 << 20;
    private readonly Host _host;
    private readonly Lane _lane;
    private readonly ILogger _logger;
    private readonly PartitionLog _log;
    private readonly string _directory;
    private readonly Voter _self;
    private readonly int _epoch;
    private readonly Queue<IReadOnlyList<ITypedRecord>> _waiting = new();
    private readonly TaskCompletionSource<IOException> _fault = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Recovered? _recovered;
    private IJournalFollower<ITypedRecord>? _follower;
    private Task? _writing;
    private SnapshotId? _dropBefore;
    private long _nextOffset;
    private long _committed;
    private long _bytes;

    private SoloJournal(Host host, Lane lane, Voter self, Recovered recovered)
    {
        (_host, _lane, _self, _recovered) = (host, lane, self, recovered);
        (_log, _directory, _epoch) = (recovered.Log, recovered.Directory, recovered.Epoch);
        _logger = host.Log.CreateLogger<SoloJournal>();
        _bytes = recovered.BytesAfterSnapshot;
        _nextOffset = _log.View.End.Value;
        Voters = recovered.Voters;
        LatestSnapshot = recovered.Snapshot;
    }

    /// <inheritdoc/>
    public long NextOffset => _nextOffset;

    /// <summary>The epoch in which this node leads: one more at each start.</summary>
    public int Epoch => _epoch;

    /// <summary>The voters as recorded: this node.</summary>
    public VoterSet Voters { get; }

    /// <summary>The newest snapshot; <see cref="SnapshotId.Bootstrap"/> before the first.</summary>
    public SnapshotId LatestSnapshot { get; private set; }

    /// <summary>Bytes of records that no snapshot stands for.</summary>
    public long BytesSinceSnapshot => _bytes;

    /// <inheritdoc/>
    public long SnapshotEnd => LatestSnapshot.End;

    /// <summary>Completes when the disk fails: the node cannot go on, for nothing can be remembered any more.</summary>
    public Task<IOException> Fault => _fault.Task;

    /// <summary>The quorum of one, as it is now. From any lane.</summary>
    public QuorumView Describe()
    {
        var now = _host.Time.GetUtcNow();
        var committed = new Offset(Volatile.Read(ref _committed) + 1);
        var self = new QuorumMember(_self.Id, _self.DirectoryId, _log.View.End, now, now);
        return new QuorumView(_self.Id, new LeaderEpoch(_epoch), committed, [self], []);
    }

    /// <summary>Reads what is on disk and begins to lead. From any lane.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="lane">The journal's lane, and its follower's.</param>
    /// <param name="settings">Where and who.</param>
    /// <exception cref="MetadataDamagedException">What is on disk is damaged: the node must not start.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public static Task<SoloJournal> OpenAsync(Host host, Lane lane, SoloSettings settings) => lane.RunAsync(async () =>
    {
        var recovered = await host.Lanes.RunBlockingAsync(() => new SoloRecovery(host, settings).Run());
        var journal = new SoloJournal(host, lane, settings.Self, recovered);
        await journal.LeadAsync(recovered);
        return journal;
    });

    /// <inheritdoc/>
    public void Follow(IJournalFollower<ITypedRecord> follower)
    {
        Invariant.Holds(_recovered is not null, "a journal is followed once");
        _follower = follower;
        if (_recovered.Base is { } snapshot)
            follower.OnSnapshot(snapshot);
        foreach (var batch in _recovered.Batches)
            follower.OnCommitted(batch);
        _recovered = null;
        follower.OnEpoch(_epoch, leads: !_fault.Task.IsCompleted);
    }

    /// <inheritdoc/>
    public long Append(int epoch, IReadOnlyList<ITypedRecord> records)
    {
        Invariant.Holds(epoch == _epoch && records.Count > 0, "the one leader appends records");
        if (_fault.Task.IsCompleted)
            throw new IOException("the metadata log has failed");

        _waiting.Enqueue(records);
        _nextOffset += records.Count;
        if (_writing is null)
            BeginWriting();
        return _nextOffset - 1;
    }

    /// <summary>Writes a snapshot, then drops the records and snapshots it stands for. On the lane.</summary>
    /// <param name="id">What it stands for: all up to a commit.</param>
    /// <param name="content">Its records; they are made on another thread.</param>
    /// <exception cref="IOException">The disk refused; what was there is there still.</exception>
    public async Task WriteSnapshotAsync(SnapshotId id, SnapshotContent content)
    {
        var bytes = _bytes;
        var now = Now();
        await _host.Lanes.RunBlockingAsync(() =>
        {
            SnapshotFile.Write(_host.Disk, Path.Combine(_directory, id.FileName), content, Voters, now);
            return true;
        });
        LatestSnapshot = id;
        _bytes -= bytes;
        _dropBefore = id;
        if (_writing is null)
            await DropAsync();
    }

    /// <inheritdoc/>
    public Task WriteSnapshotAsync(long end, int epoch, long timestamp, IEnumerable<ITypedRecord> records) =>
        WriteSnapshotAsync(new SnapshotId(end, epoch), new SnapshotContent(epoch, timestamp, records));

    /// <inheritdoc/>
    /// <remarks>There is nobody else to lead.</remarks>
    public Task WithdrawAsync() => Task.CompletedTask;

    /// <summary>Ends what is being written, then closes the log. From any lane.</summary>
    public Task CloseAsync() => _lane.RunAsync(async () =>
    {
        while (_writing is { } writing)
            await writing;
        _follower?.OnEpoch(_epoch, leads: false);
        await _log.CloseAsync(clean: !_fault.Task.IsCompleted);
    });

    private async Task LeadAsync(Recovered recovered)
    {
        using var builder = new BatchBuilder();
        var now = Now();
        ControlBatch.AppendLeaderChange(builder, now, _self.Id);
        if (recovered.VotersAreNew)
            ControlBatch.AppendVoters(builder, now, Voters);
        var last = Write(builder, isControl: true);

        // Also makes durable what a crash of the process, not of the machine, left in memory: until now it was promised
        // by nobody.
        await _log.FlushAsync();
        _recovered = recovered with
        {
            Batches = [.. recovered.Batches, new Committed<ITypedRecord>(last, _epoch, now, [])],
        };
        _nextOffset = last + 1;
        Volatile.Write(ref _committed, last);
    }

    // Posted, so that the follower has put down what it appends before it hears of the commit.
    private void BeginWriting()
    {
        var done = new TaskCompletionSource();
        _writing = done.Task;
        _lane.Post(async () =>
        {
            try
            {
                while (_waiting.Count > 0)
                {
                    _follower?.OnCommitted(await WriteNextAsync());
                    await DropAsync();
                }

                _writing = null;
            }
            catch (IOException fault)
            {
                Fail(fault);
            }

            done.SetResult();
        });
    }

    private async Task<Committed<ITypedRecord>> WriteNextAsync()
    {
        using var builder = new BatchBuilder();
        var records = new List<ITypedRecord>();
        var now = Now();

        // What was appended together stays in one batch, however large.
        while (_waiting.TryPeek(out var append) && builder.Size < LargestBatch)
        {
            foreach (var record in append)
                builder.Append(now, default, MetadataRecordFrame.Write(record));
            records.AddRange(append);
            _waiting.Dequeue();
        }

        var last = Write(builder, isControl: false);
        if (!_host.Has(PlantedBug.MetadataNotSynced))
            await _log.FlushAsync();
        Volatile.Write(ref _committed, last);
        return new Committed<ITypedRecord>(last, _epoch, now, records);
    }

    private long Write(BatchBuilder builder, bool isControl)
    {
        var bytes = MemoryMarshal.AsMemory(builder.Build(new BatchOptions { IsControl = isControl }));
        var result = _log.Append([new PendingBatch(bytes, new LeaderEpoch(_epoch), AppendOrigin.Coordinator)])[0];
        Invariant.Holds(result.Error == ErrorCode.None, $"the metadata log takes its own batches: {result.Error}");
        _bytes += bytes.Length;
        return result.LastOffset.Value;
    }

    private void Fail(IOException fault)
    {
        LogFailed(fault);
        _waiting.Clear();
        _writing = null;
        _fault.TrySetResult(fault);
        _follower?.OnEpoch(_epoch, leads: false);
    }

    // Only when all is synced: a segment begun behind a write still under way would make that write, torn by a crash,
    // look like damage.
    private async Task DropAsync()
    {
        if (_dropBefore is not { } id || _fault.Task.IsCompleted)
            return;
        _dropBefore = null;
        _log.Roll();
        await _log.FlushAsync();
        _log.DeleteTo(new Offset(id.End));
        _log.ApplyRetention(new Offset(id.End));
        foreach (var entry in _host.Disk.List(_directory))
        {
            if (SnapshotId.TryParse(entry.Name, out var older) && older.CompareTo(id) < 0)
                _host.Disk.DeleteFile(Path.Combine(_directory, entry.Name));
        }
    }

    private long Now() => _host.Time.GetUtcNow().ToUnixTimeMilliseconds();

    [LoggerMessage(LogLevel.Critical, "The metadata log has failed; nothing more can be remembered")]
    private partial void LogFailed(IOException fault);
}
