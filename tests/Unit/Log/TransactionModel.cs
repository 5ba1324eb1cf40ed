using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Log;

/// <summary>A log that producers write transactions to, beside the list of what it should hold.</summary>
internal sealed class TransactionModel
{
    private const int Producers = 3;
    private readonly LogFixture _fixture = new();
    private readonly List<Entry> _entries = [];
    private PartitionLog _log;
    private Offset _highWatermark;
    private long _logStart;

    public TransactionModel() => _log = _fixture.Open();

    private long End => _entries.Count == 0 ? 0 : _entries[^1].Next;

    /// <summary>Does one thing, by a number that says which.</summary>
    public void Step(int step)
    {
        var producer = 1 + ((step >> 4) % Producers);
        switch (step % 16)
        {
            case < 5:
                Write(producer, 1 + ((step >> 8) % 3));
                break;
            case 5:
                Take([LogFixture.Batch(1 + ((step >> 8) % 3))], [new(0, false, false)]);
                break;
            case < 9:
                EndTransaction(producer, isAbort: (step & 1024) == 0, bumps: (step & 2048) == 0);
                break;
            case 9:
                _log.Roll();
                break;
            case < 13:
                _highWatermark = new(_highWatermark.Value + ((step >> 8) % (End - _highWatermark.Value + 1)));
                break;
            case 13:
                Truncate(step >> 8);
                break;
            case 14:
                DeleteTo(step >> 8);
                break;
            default:
                Restart((step & 256) == 0);
                break;
        }
    }

    /// <summary>Holds the log against the list.</summary>
    public void Check()
    {
        var (open, ended) = Replay();
        long? unstable = null;
        foreach (var start in open.Values.Concat(ended.Where(e => e.Marker >= _highWatermark.Value)
            .Select(e => e.Start)))
        {
            unstable = Math.Min(unstable ?? long.MaxValue, start);
        }

        Assert.Equal(unstable, _log.FirstUnstable(_highWatermark)?.Value);
        Assert.Equal(open.Count == 0 ? null : open.Values.Min(), _log.View.FirstOpenTransaction?.Value);
        var stable = Math.Min(unstable ?? long.MaxValue, _highWatermark.Value);
        var aborted = ended.Where(e => e.IsAbort).ToList();
        for (var from = _logStart; from <= stable; from += 2)
        {
            foreach (var upTo in new[] { from + 1, from + 5, stable })
            {
                if (upTo <= from || upTo > stable)
                    continue;
                Assert.Equal(
                    aborted.Where(e => e.Marker >= from && e.Start < upTo).Select(e => (e.Producer, e.Start)),
                    _log.View.AbortedTransactions(new(from), new(upTo))
                        .Select(a => (a.ProducerId.Value, a.FirstOffset.Value)));
            }
        }
    }

    private void Write(int producer, int records)
    {
        var (epoch, sequence) = Position(producer);
        Take(
            [LogFixture.Batch(records, producer: producer, epoch: epoch, sequence: sequence, transactional: true)],
            [new(producer, false, false) { Epoch = epoch, Sequence = sequence + records }]);
    }

    private void EndTransaction(int producer, bool isAbort, bool bumps)
    {
        // A marker without a transaction is one, too; of the newer kind it is there already if nothing was written
        // since.
        var (epoch, sequence) = Position(producer);
        var marker = LogFixture.Marker(producer, (short)(bumps ? epoch + 1 : epoch), isAbort) with
        {
            TransactionVersion = (short)(bumps ? 2 : 0),
        };
        Take(
            [marker],
            [new(producer, true, isAbort)
            {
                Epoch = (short)(bumps ? epoch + 1 : epoch),
                Sequence = bumps ? 0 : sequence,
            }]);
    }

    private void Take(PendingBatch[] batches, Entry[] entries)
    {
        var results = _log.Append(batches);
        for (var i = 0; i < results.Length; i++)
        {
            Assert.Equal((ErrorCode.None, false), (results[i].Error, results[i].IsDuplicate));
            var (first, last) = (results[i].BaseOffset.Value, results[i].LastOffset.Value);
            _entries.Add(entries[i] with { Base = first, Next = last + 1 });
        }
    }

    private (short Epoch, int Sequence) Position(int producer) =>
        _entries.FindLast(e => e.Producer == producer) is { } last ? (last.Epoch, last.Sequence) : ((short)0, 0);

    private void Truncate(int pick)
    {
        var candidates = _entries.FindAll(e => e.Base >= _highWatermark.Value);
        if (candidates.Count == 0)
            return;
        var at = _entries.IndexOf(candidates[pick % candidates.Count]);
        _log.TruncateTo(new(_entries[at].Base));
        _entries.RemoveRange(at, _entries.Count - at);
    }

    // Only where no transaction is open below, which a producer's expiry alone may forget.
    private void DeleteTo(int pick)
    {
        var bound = Math.Min(_highWatermark.Value, _log.FirstUnstable(_highWatermark)?.Value ?? long.MaxValue);
        var to = _logStart + (pick % (bound - _logStart + 1));
        _log.DeleteTo(new(to));
        _logStart = to;
    }

    private void Restart(bool isClean)
    {
        _fixture.Flush(_log);
        var recoveryPoint = _log.RecoveryPoint.Value;
        if (isClean)
            _fixture.Close(_log);
        else
            _fixture.Disk.Crash(CrashKind.LosesAll);
        _log = _fixture.Open(recoveryPoint, isClean, _logStart);
        // One node alone: what is on disk is committed.
        _highWatermark = new(End);
    }

    private (Dictionary<long, long> Open, List<Ended> Ended) Replay()
    {
        var (open, ended) = (new Dictionary<long, long>(), new List<Ended>());
        foreach (var entry in _entries.Where(e => e.Producer > 0))
        {
            if (!entry.IsMarker)
                open.TryAdd(entry.Producer, entry.Base);
            else if (open.Remove(entry.Producer, out var start))
                ended.Add(new(entry.Producer, start, entry.Base, entry.IsAbort));
        }

        return (open, ended);
    }

    private sealed record Entry(long Producer, bool IsMarker, bool IsAbort)
    {
        public long Base { get; init; }

        public long Next { get; init; }

        public short Epoch { get; init; }

        public int Sequence { get; init; }
    }

    private readonly record struct Ended(long Producer, long Start, long Marker, bool IsAbort);
}
