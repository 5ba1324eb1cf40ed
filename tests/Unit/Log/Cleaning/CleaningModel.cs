using System.Globalization;
using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Records;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Log;

/// <summary>A log that is written to at random, plainly and in transactions, and compacted now and then, beside what it
/// should hold.</summary>
internal sealed class CleaningModel
{
    private const int Keys = 12;
    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(10);
    private readonly Random _random;
    private readonly LogFixture _fixture;
    private readonly List<Written> _written = [];
    private readonly List<Marker> _markers = [];
    private readonly Producer[] _producers = [new(1), new(2), new(3)];
    private PartitionLog _log;
    private Offset? _cleaned;
    private long _lastOffset = -1;

    public CleaningModel(int seed)
    {
        _random = new Random(seed);
        _fixture = new LogFixture(seed)
        {
            Settings = LogFixture.Small with { SegmentBytes = 1500, DeleteRetention = Retention },
        };
        _log = _fixture.Open();
    }

    private long NowMs => _fixture.World.GetUtcNow().ToUnixTimeMilliseconds();

    public void Step()
    {
        switch (_random.Next(24))
        {
            case < 9:
                AppendPlain();
                break;
            case < 15:
                AppendInTransaction(_producers[_random.Next(_producers.Length)]);
                break;
            case < 18:
                End(_producers[_random.Next(_producers.Length)]);
                break;
            case 18:
                _log.Roll();
                break;
            case < 21:
                Clean();
                break;
            case 21:
                _fixture.World.RunFor(TimeSpan.FromMinutes(_random.Next(1, 8)));
                break;
            case 22:
                _fixture.World.RunFor(TimeSpan.FromMinutes(2));
                _log.ApplyRetention(_log.View.End);
                break;
            default:
                Restart();
                break;
        }

        Check();
    }

    /// <summary>Everything is decided, and old enough: what is left is the last value of each key, what stands in the
    /// active segment, and the batches by which producers are known.</summary>
    public void Finish()
    {
        foreach (var producer in _producers)
            End(producer);
        for (var i = 0; i < 6; i++)
        {
            Append(null, transactional: false, keys: 1);
            _log.Roll();
            do
                Clean();
            while (_cleaned < _log.View.End);
            _fixture.World.RunFor(Retention);
        }

        Check();
        var expected = LastOfEachKey(_log.View.End.Value).Where(static record => record.Value is not null)
            .Select(static record => record.Record).OrderBy(static record => record.Offset);
        Assert.Equal(expected, StoredRecord.DataOf(_log.View));
        var data = StoredRecord.DataOf(_log.View).Select(static r => r.Offset).ToHashSet();
        foreach (var marker in _markers)
        {
            var isNeeded = marker.Transaction.Exists(batch => IsThere(batch.Last));
            var isThere = StoredRecord.MarkersOf(_log.View).Exists(stored => stored.Offset == marker.Offset);
            var isKnownBy = _log.DescribeProducers().Any(p => p.ProducerId.Value == marker.Producer
                && p.LastSequence == -1);
            if (!isKnownBy)
                Assert.Equal(isNeeded, isThere);
        }
    }

    private void AppendPlain()
    {
        var idempotent = _producers[_random.Next(_producers.Length)];
        if (_random.Next(2) == 0 || idempotent.Open.Count > 0)
            Append(null, transactional: false);
        else
            Append(idempotent, transactional: false);
    }

    private void AppendInTransaction(Producer producer) => Append(producer, transactional: true);

    private void Append(Producer? producer, bool transactional, int keys = Keys)
    {
        var records = new (string Key, string? Value)[_random.Next(1, 6)];
        for (var i = 0; i < records.Length; i++)
        {
            var isTombstone = keys > 1 && _random.Next(4) == 0;
            var value = isTombstone ? null : $"{_written.Count + i}:{new string('x', _random.Next(60))}";
            records[i] = (_random.Next(keys).ToString(CultureInfo.InvariantCulture), value);
        }

        var codecs = Enum.GetValues<CompressionCodec>().Where(Codecs.IsAvailable).ToArray();
        var timestamp = NowMs - _random.Next(100_000);
        long? appendTime = _random.Next(5) == 0 ? NowMs : null;
        var batch = Cleaner.Keyed(
            records, timestamp, producer?.Id ?? -1, producer?.Epoch ?? 0, producer?.Sequence ?? 0, transactional,
            codecs[_random.Next(codecs.Length)], appendTime);
        var result = _log.Append([batch])[0];
        Assert.Equal((ErrorCode.None, false), (result.Error, result.IsDuplicate));
        var whole = new Batch(result.BaseOffset.Value, result.LastOffset.Value);
        for (var i = 0; i < records.Length; i++)
        {
            var record = new StoredRecord(
                result.BaseOffset.Value + i, records[i].Key, records[i].Value, appendTime ?? timestamp + (i * 1000),
                producer?.Id ?? -1);
            _written.Add(new(record, whole, transactional ? Outcome.Open : Outcome.Valid));
        }

        _lastOffset = result.LastOffset.Value;
        if (producer is null)
            return;
        producer.Sequence += records.Length;
        if (transactional)
            producer.Open.Add(whole);
    }

    private void End(Producer producer)
    {
        if (producer.Open.Count == 0)
            return;
        var abort = _random.Next(2) == 0;
        // As with transaction.version 2 or as before: the marker has the next epoch, or that of the data.
        if (_random.Next(2) == 0)
            (producer.Epoch, producer.Sequence) = ((short)(producer.Epoch + 1), 0);
        var result = _log.Append([LogFixture.Marker(producer.Id, producer.Epoch, abort)])[0];
        Assert.Equal(ErrorCode.None, result.Error);
        _lastOffset = result.LastOffset.Value;
        _markers.Add(new(result.BaseOffset.Value, producer.Id, abort, [.. producer.Open]));
        foreach (var written in _written)
        {
            if (written.Outcome == Outcome.Open && written.Record.Producer == producer.Id)
                written.Outcome = abort ? Outcome.Aborted : Outcome.Valid;
        }

        producer.Open.Clear();
    }

    private void Clean() => Clean(_random.Next(3) == 0 ? 4 * OffsetMap.EntrySize : 1 << 16);

    private void Clean(int mapBytes)
    {
        var before = _log.DescribeProducers();
        var now = NowMs;
        var end = Cleaner.Clean(_fixture, _log, _cleaned, mapBytes);
        Assert.True(end >= (_cleaned ?? Offset.Zero));
        Assert.Equal(before, _log.DescribeProducers());
        // Only a log with something new in it is compacted again.
        if (end == (_cleaned ?? Offset.Zero))
            return;
        _cleaned = end;
        foreach (var written in _written.Where(written => written.Batch.Base < end.Value))
        {
            written.Passed ??= now;
            if (written.Record.Offset < end.Value && now >= written.Passed + (long)Retention.TotalMilliseconds)
                written.HorizonHasPassed = true;
        }
    }

    private void Restart()
    {
        var before = _log.DescribeProducers();
        var open = _log.View.FirstOpenTransaction;
        var clean = _random.Next(2) == 0;
        if (clean)
            _fixture.Close(_log);
        else
            _fixture.Flush(_log);
        var point = _log.RecoveryPoint.Value;
        _fixture.Disk.Crash(clean ? CrashKind.KeepsAll : (CrashKind)_random.Next(3));
        // Without the snapshots all there is to know of producers has to follow from the batches.
        if (!clean && _random.Next(2) == 0)
            RemoveSnapshots();
        _log = _fixture.Open(point, clean);
        Assert.Equal(_lastOffset + 1, _log.View.End.Value);
        Assert.Equal(open, _log.View.FirstOpenTransaction);
        Assert.Equal(before.Select(Known), _log.DescribeProducers().Select(Known));
    }

    private void RemoveSnapshots()
    {
        foreach (var file in _fixture.Disk.List(LogFixture.Directory))
        {
            if (file.Name.EndsWith(".snapshot", StringComparison.Ordinal))
                _fixture.Disk.DeleteFile($"{LogFixture.Directory}/{file.Name}");
        }

        _fixture.Disk.SyncDirectory(LogFixture.Directory);
    }

    private void Check()
    {
        var data = StoredRecord.DataOf(_log.View);
        var found = data.ToDictionary(static record => record.Offset);
        var cleaned = _cleaned?.Value ?? 0;
        var last = LastOfEachKey(cleaned).Select(static record => record.Record.Offset).ToHashSet();
        foreach (var written in _written)
        {
            var offset = written.Record.Offset;
            var isThere = found.Remove(offset, out var stored);
            if (isThere)
                Assert.Equal(written.Record, stored);
            if (offset >= cleaned)
                Assert.True(isThere || written.Outcome == Outcome.Aborted, $"{offset} is gone");
            else if (!last.Contains(offset))
                Assert.False(isThere, $"{offset} is superseded or aborted");
            else if (written.Value is not null || !HasPassedHorizon(written))
                Assert.True(isThere, $"{offset} is gone");
            else if (written.HorizonHasPassed)
                Assert.False(isThere, $"the tombstone at {offset} is there");
        }

        Assert.Empty(found);
        CheckMarkers();
        CheckLookups(data);
    }

    /// <summary>A tombstone may be dropped from then on.</summary>
    private bool HasPassedHorizon(Written written) =>
        written.Passed is { } passed && NowMs >= passed + (long)Retention.TotalMilliseconds;

    private void CheckMarkers()
    {
        var markers = StoredRecord.MarkersOf(_log.View).Select(static marker => marker.Offset).ToHashSet();
        var aborted = _log.View.AbortedTransactions(Offset.Zero, _log.View.End);
        foreach (var marker in _markers)
        {
            var data = marker.Transaction.Where(batch => IsThere(batch.Last)).ToList();
            if (data.Count == 0)
                continue;
            Assert.Contains(marker.Offset, markers);
            // Who reads committed data only is told of what is left of an aborted transaction.
            if (marker.IsAbort)
            {
                Assert.Contains(aborted, each => each.ProducerId.Value == marker.Producer
                    && each.LastOffset.Value == marker.Offset && each.FirstOffset.Value <= data[0].Base);
            }
        }
    }

    private void CheckLookups(List<StoredRecord> data)
    {
        var at = new Offset(_random.NextInt64(0, _lastOffset + 2));
        var read = _log.View.Read(at, _log.View.End, 1, atLeastOneBatch: true);
        read.Release();
        Assert.True(at == _log.View.End || read.NextOffset > at, $"nothing is read at {at}");
        var time = NowMs - _random.Next(200_000);
        var expected = data.Concat(StoredRecord.MarkersOf(_log.View)).OrderBy(static record => record.Offset)
            .FirstOrDefault(record => record.Timestamp >= time);
        var found = _log.View.FindByTimestamp(time, _log.View.End);
        Assert.Equal(expected?.Offset, found?.Offset.Value);
    }

    private bool IsThere(long lastOffset) => StoredRecord.BatchesOf(_log.View)
        .Exists(batch => new RecordBatch(batch) is var header && !header.Attributes.IsControl
            && header.LastOffset.Value == lastOffset);

    private IEnumerable<Written> LastOfEachKey(long end) => _written
        .Where(written => written.Record.Offset < end && written.Outcome == Outcome.Valid)
        .GroupBy(static written => written.Record.Key).Select(static key => key.Last());

    private static (ProducerId, short, int, Offset?) Known(ActiveProducer producer) =>
        (producer.ProducerId, producer.Epoch, producer.LastSequence, producer.TransactionStart);

    private enum Outcome
    {
        Open,
        Valid,
        Aborted,
    }

    private sealed record Batch(long Base, long Last);

    private sealed record Marker(long Offset, long Producer, bool IsAbort, List<Batch> Transaction);

    private sealed class Producer(long id)
    {
        public long Id => id;

        public short Epoch { get; set; }

        public int Sequence { get; set; }

        public List<Batch> Open { get; } = [];
    }

    private sealed class Written(StoredRecord record, Batch batch, Outcome outcome)
    {
        public StoredRecord Record => record;

        public string? Value => record.Value;

        public Batch Batch => batch;

        public Outcome Outcome { get; set; } = outcome;

        /// <summary>When a pass first came by it.</summary>
        public long? Passed { get; set; }

        /// <summary>True when a pass came by it after its horizon.</summary>
        public bool HorizonHasPassed { get; set; }
    }
}
