using Barnabas.Wire.Messages;

namespace Barnabas.SimCluster;

/// <summary>What clients know of one partition: what they sent and were told, and what they read.</summary>
/// <param name="name">For messages.</param>
internal sealed class PartitionLedger(string name)
{
    private readonly Dictionary<string, Fate> _sent = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, string> _acknowledged = [];
    private readonly Dictionary<long, string> _seen = [];
    private long _highWatermark;

    /// <summary>The partition.</summary>
    public string Name => name;

    /// <summary>How many records were acknowledged.</summary>
    public int Acknowledged => _acknowledged.Count;

    /// <summary>The offset after the last record that was acknowledged.</summary>
    public long End => _acknowledged.Count == 0 ? 0 : _acknowledged.Last().Key + 1;

    /// <summary>How many records were read.</summary>
    public int Seen => _seen.Count;

    /// <summary>A record leaves; nothing is known of it yet.</summary>
    public void Send(string value) => _sent.Add(value, Fate.Unknown);

    /// <summary>A record was acknowledged with acks=all: from now on it has to be there (S1), and its offset is what it
    /// was told before, if it was (D2).</summary>
    public void Acknowledge(string value, long offset)
    {
        Promise.Holds(offset >= 0, $"{name}: '{value}' was acknowledged without an offset");
        if (_acknowledged.TryGetValue(offset, out var other))
            Promise.Holds(other == value, $"{name}: offset {offset} was given to '{other}' and to '{value}'");
        Promise.Holds(
            _sent[value] != Fate.Acknowledged || other == value,
            $"D2: {name}: '{value}' was acknowledged at another offset before it was at {offset}");
        Promise.Holds(_sent[value] != Fate.Refused, $"{name}: '{value}' was refused for good, then acknowledged");
        _sent[value] = Fate.Acknowledged;
        _acknowledged[offset] = value;
        Saw(offset, value);
    }

    /// <summary>A record was refused by an error that says it is nowhere: so it never may be (P2).</summary>
    public void Refuse(string value) => _sent[value] = Fate.Refused;

    /// <summary>A consumer was given a record: it stays there for all time.</summary>
    public void Saw(long offset, string value)
    {
        Promise.Holds(_sent.ContainsKey(value), $"{name}: '{value}' at {offset} was sent by nobody");
        if (_seen.TryGetValue(offset, out var before))
            Promise.Holds(before == value, $"S1: {name}: offset {offset} was '{before}' and is '{value}'");
        _seen[offset] = value;
    }

    /// <summary>A consumer was given what there is from a position on: batches without a gap, none beyond the high
    /// watermark.</summary>
    /// <returns>The position behind them.</returns>
    public long SawServed(FetchResponse.PartitionData data, long position)
    {
        foreach (var batch in StoredBatch.ReadAll(data.Records?.Memory ?? default))
        {
            Promise.Holds(batch.LastOffset < data.HighWatermark.Value, $"{name}: served beyond the high watermark");
            Promise.Holds(
                batch.BaseOffset <= position && batch.LastOffset >= position,
                $"{name}: {batch.BaseOffset} to {batch.LastOffset} was served at {position}");
            foreach (var (offset, value) in batch.Records)
                Saw(offset, value);
            position = batch.LastOffset + 1;
        }

        return position;
    }

    /// <summary>A consumer was told up to where it may read: that only ever grows.</summary>
    public void SawHighWatermark(long highWatermark)
    {
        Promise.Holds(
            highWatermark >= _highWatermark,
            $"I4: {name}: the high watermark went from {_highWatermark} to {highWatermark}");
        _highWatermark = highWatermark;
    }

    /// <summary>Holds all that can be read at the end against what is known.</summary>
    /// <param name="log">Every batch from the log's start to its high watermark.</param>
    /// <param name="logStart">The log's start.</param>
    /// <param name="end">Its high watermark.</param>
    public void Check(IReadOnlyList<StoredBatch> log, long logStart, long end)
    {
        SawHighWatermark(end);
        LogShape.Check(name, log, logStart);
        var found = new Dictionary<long, string>();
        var places = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (offset, value) in log.SelectMany(static batch => batch.Records))
        {
            Promise.Holds(_sent.TryGetValue(value, out var fate), $"{name}: '{value}' at {offset} was sent by nobody");
            Promise.Holds(fate != Fate.Refused, $"P2: {name}: '{value}' was refused and is at {offset}");
            Promise.Holds(places.TryAdd(value, offset), $"D1: {name}: '{value}' is there twice");
            found[offset] = value;
        }

        foreach (var (offset, value) in _acknowledged.Where(acked => acked.Key >= logStart))
        {
            var there = found.GetValueOrDefault(offset);
            Promise.Holds(
                there == value, $"S1: {name}: '{value}' was acknowledged at {offset}, where there is '{there}'");
        }

        foreach (var (offset, value) in _seen.Where(seen => seen.Key >= logStart))
        {
            Promise.Holds(
                found.GetValueOrDefault(offset) == value, $"S1: {name}: '{value}' was read at {offset} and is lost");
        }
    }

    private enum Fate
    {
        Unknown,
        Acknowledged,
        Refused,
    }
}
