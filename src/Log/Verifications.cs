using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>Producers whose coordinator is being asked about a transaction that is not open here. Kept nowhere: after a
/// restart the coordinator is asked again. Owned by the log's lane.</summary>
/// <remarks>Source: KIP-890, KAFKA-14402. The first batch of the transaction ends an entry, and so does a marker: an
/// answer that a marker has overtaken opens nothing.</remarks>
internal sealed class Verifications
{
    // Most partitions never have one.
    private Dictionary<ProducerId, Entry>? _entries;
    private long _lastGuard;

    /// <summary>How many there are.</summary>
    public int Count => _entries?.Count ?? 0;

    /// <summary>A producer's coordinator is going to be asked. Who is asked about already keeps its guard.</summary>
    /// <param name="id">The producer.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="sequence">Of the first record that waits for the answer; null where sequences do not
    /// matter.</param>
    /// <param name="bumpsEpoch">True when the producer gets a new epoch for each transaction, and its sequence begins
    /// at zero with it.</param>
    /// <param name="nowMs">The time.</param>
    public VerificationGuard Begin(ProducerId id, short epoch, int? sequence, bool bumpsEpoch, long nowMs)
    {
        var lowest = sequence ?? int.MaxValue;
        _entries ??= [];
        if (!_entries.TryGetValue(id, out var entry))
            entry = new(new(++_lastGuard), epoch, lowest, bumpsEpoch, nowMs);
        else if (epoch > entry.Epoch)
            entry = entry with { Epoch = epoch, LowestSequence = lowest, BumpsEpoch = bumpsEpoch };
        else if (epoch == entry.Epoch)
            entry = entry with { LowestSequence = Math.Min(lowest, entry.LowestSequence) };
        _entries[id] = entry;
        return entry.Guard;
    }

    /// <summary>True when a batch that shows <paramref name="guard"/> may open a transaction.</summary>
    public bool Allows(ProducerId id, VerificationGuard guard) =>
        guard == VerificationGuard.Waived || Find(id)?.Guard == guard;

    /// <summary>Whether a first batch may have that sequence number: it is not if one before it still waits, nor, of a
    /// producer that is not known here and begins each epoch at zero, if it is another.</summary>
    public bool AllowsSequence(ProducerId id, int sequence, bool isUnknown)
    {
        if (Find(id) is not { } entry)
            return true;
        return sequence <= entry.LowestSequence && !(entry.BumpsEpoch && isUnknown && sequence != 0);
    }

    /// <summary>The transaction is open here now: nobody has to ask about it any more.</summary>
    public void Opened(ProducerId id) => _entries?.Remove(id);

    /// <summary>A marker has come: the transaction is over.</summary>
    /// <param name="id">The producer.</param>
    /// <param name="markerEpoch">The epoch of the marker. Who gets a new epoch for each transaction may be asked about
    /// the next one already, in the marker's own epoch: that question stands.</param>
    public void Ended(ProducerId id, short markerEpoch)
    {
        if (Find(id) is { } entry && !(entry.BumpsEpoch && entry.Epoch >= markerEpoch))
            _entries?.Remove(id);
    }

    /// <summary>Forgets those of whom nothing was heard for <paramref name="expiration"/>.</summary>
    public void Expire(long nowMs, TimeSpan expiration)
    {
        var limit = (long)expiration.TotalMilliseconds;
        foreach (var (id, entry) in _entries ?? [])
        {
            if (nowMs - entry.SinceMs >= limit)
                _entries?.Remove(id);
        }
    }

    private Entry? Find(ProducerId id) =>
        _entries is { } entries && entries.TryGetValue(id, out var entry) ? entry : null;

    private readonly record struct Entry(
        VerificationGuard Guard, short Epoch, int LowestSequence, bool BumpsEpoch, long SinceMs);
}
