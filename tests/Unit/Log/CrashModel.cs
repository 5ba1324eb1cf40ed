using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Records;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Log;

/// <summary>A log driven at random over many crashes, beside what it should hold.</summary>
internal sealed class CrashModel
{
    private readonly Random _random;
    private readonly int _seed;
    private readonly bool _trustsCache;
    private readonly SimDisk _disk;
    private readonly Dictionary<long, int> _sequences = [];
    private readonly List<(long Base, long Next, byte[] Bytes)> _batches = [];
    private World _world;
    private PartitionLog _log;
    private Offset _checkpoint;
    private Offset _flushed;
    private Offset _logStart;
    private int _epoch;
    private int _lives;

    public CrashModel(int seed)
    {
        _seed = seed;
        _trustsCache = seed % 2 == 1;
        _random = new Random(seed);
        _disk = new SimDisk(seed);
        _world = new World(seed);
        _log = Open(clean: false);
    }

    private long End => _batches.Count == 0 ? _logStart.Value : _batches[^1].Next;

    public void Step()
    {
        switch (_random.Next(20))
        {
            case < 10:
                Append();
                break;
            case < 13:
                _flushed = _world.Run(() => _log.FlushAsync());
                break;
            case 13:
                _ = _log.FlushAsync();
                break;
            case 14:
                _log.Roll();
                break;
            case 15:
                _checkpoint = _log.RecoveryPoint;
                break;
            case 16:
                Truncate();
                break;
            case 17:
                _world.RunFor(TimeSpan.FromMilliseconds(1));
                break;
            case 18:
                DeleteTo();
                break;
            default:
                Restart();
                break;
        }

        Check();
    }

    private void Append()
    {
        var batches = new List<PendingBatch>();
        for (var i = _random.Next(1, 5); i > 0; i--)
            batches.Add(NewBatch());
        var results = _log.Append(batches);
        for (var i = 0; i < results.Length; i++)
        {
            Assert.Equal(ErrorCode.None, results[i].Error);
            _batches.Add((results[i].BaseOffset.Value, results[i].LastOffset.Value + 1, batches[i].Bytes.ToArray()));
        }
    }

    private PendingBatch NewBatch()
    {
        var records = _random.Next(1, 6);
        var producer = _random.Next(-1, 3);
        if (_random.Next(30) == 0)
            _epoch++;
        var sequence = _sequences.GetValueOrDefault(producer);
        if (producer >= 0)
            _sequences[producer] = sequence + records;
        return LogFixture.Batch(
            records, LogFixture.Start + _random.Next(1000), producer, 0, sequence, _random.Next(120), _epoch);
    }

    private void Truncate()
    {
        var first = _batches.FindIndex(batch => batch.Next > _logStart.Value);
        if (first < 0)
            return;
        var at = _random.Next(first, _batches.Count);
        var end = new Offset(_batches[at].Base);
        if (end < _logStart)
            return;
        _log.TruncateTo(end);
        _batches.RemoveRange(at, _batches.Count - at);
        _flushed = Offset.Min(_flushed, end);
        RecountSequences();
    }

    private void DeleteTo()
    {
        var to = new Offset(_random.NextInt64(_logStart.Value, Math.Min(End, _flushed.Value) + 1));
        if (to <= _logStart)
            return;
        _log.DeleteTo(to);
        _logStart = to;
    }

    private void Restart()
    {
        var clean = _random.Next(3) == 0;
        var kind = (CrashKind)_random.Next(3);
        if (clean)
        {
            _world.Run(() => _log.CloseAsync(clean: true));
            _flushed = new Offset(End);
            Assert.Equal(0, _disk.OpenFiles);
        }

        _disk.Crash(kind);
        _world = new World(_seed + (++_lives * 1000));
        _log = Open(clean);
        var end = _log.View.End.Value;
        Assert.True(end >= _flushed.Value, $"seed {_seed}: {end} recovered, {_flushed} flushed");
        Assert.True(end == End || (!clean && kind != CrashKind.KeepsAll), $"seed {_seed}: {end} recovered of {End}");
        _batches.RemoveAll(batch => batch.Next > end);
        Assert.Equal(End, end);
        if (clean || !_trustsCache)
            _flushed = new Offset(end);
        Assert.True(_log.RecoveryPoint <= Offset.Max(_checkpoint, _flushed));
        RecountSequences();
        CheckRebuilt();
    }

    private PartitionLog Open(bool clean)
    {
        var settings = LogFixture.Small with { SegmentBytes = 3000 };
        return PartitionLog.Open(
            _world.NewHost(_disk), LogFixture.Directory, LogFixture.Partition, settings,
            new OpenHints(_checkpoint, _logStart, clean)
            {
                TrustsCache = _trustsCache,
                LowerRecoveryPoint = (_, offset) => _checkpoint = Offset.Min(_checkpoint, offset),
            });
    }

    private void Check()
    {
        var view = _log.View;
        Assert.Equal(End, view.End.Value);
        Assert.Equal(_logStart, view.LogStart);
        var live = _batches.Where(batch => batch.Next > _logStart.Value).ToList();
        var read = LogFixture.ReadAll(view, view.LogStart, 500 + _random.Next(3000));
        Assert.Equal(live.SelectMany(batch => batch.Bytes).ToArray(), read);
    }

    /// <summary>Indexes, producers and epochs after a recovery are those of a log that replays all batches.</summary>
    private void CheckRebuilt()
    {
        var epochs = EpochHistory.Empty;
        var producers = new SortedDictionary<long, int>();
        foreach (var (_, _, bytes) in _batches)
        {
            var header = new RecordBatch(bytes);
            epochs = epochs.With(header.LeaderEpoch, header.BaseOffset);
            if (header.ProducerId.Value >= 0)
                producers[header.ProducerId.Value] = header.LastSequence;
        }

        // An empty log may forget its epochs.
        if (End > _logStart.Value)
            Assert.Equal(epochs.TruncateFromStart(_logStart).Entries, _log.View.Epochs.Entries);
        var remembered = _log.DescribeProducers().ToDictionary(p => p.ProducerId.Value, p => p.LastSequence);
        // Those whose batches were all deleted may be remembered or not.
        foreach (var (id, sequence) in producers)
        {
            if (_batches.Any(batch => batch.Base >= _logStart.Value && ProducerOf(batch.Bytes) == id))
                Assert.Equal(sequence, remembered[id]);
        }
    }

    private static long ProducerOf(byte[] batch) => new RecordBatch(batch).ProducerId.Value;

    private void RecountSequences()
    {
        _sequences.Clear();
        foreach (var producer in _log.DescribeProducers())
            _sequences[producer.ProducerId.Value] = producer.LastSequence + 1;
        _epoch = Math.Max(_log.View.Epochs.Latest.Value, _epoch);
    }
}
