using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>Which leader epoch began at which offset; both columns only ever grow. Immutable.</summary>
/// <remarks>Source: KIP-101, KIP-279. On disk it is <c>leader-epoch-checkpoint</c>.</remarks>
public sealed class EpochHistory : IEquatable<EpochHistory>
{
    /// <summary>No epoch yet.</summary>
    public static readonly EpochHistory Empty = new([]);

    private readonly EpochStart[] _entries;

    private EpochHistory(EpochStart[] entries) => _entries = entries;

    /// <summary>The epochs, ascending.</summary>
    public IReadOnlyList<EpochStart> Entries => _entries;

    /// <summary>The newest epoch; -1 when there is none.</summary>
    public LeaderEpoch Latest => _entries.Length == 0 ? LeaderEpoch.None : _entries[^1].Epoch;

    /// <summary>A history of the entries; null where a column does not grow.</summary>
    public static EpochHistory? TryCreate(IReadOnlyList<EpochStart> entries)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Epoch.Value < 0 || entries[i].Start.Value < 0)
                return null;
            if (i > 0 && (entries[i].Epoch <= entries[i - 1].Epoch || entries[i].Start < entries[i - 1].Start))
                return null;
        }

        return new([.. entries]);
    }

    /// <summary>The history once <paramref name="epoch"/> has begun at <paramref name="start"/>; the same one where
    /// the epoch is known, older than the newest, or none.</summary>
    /// <remarks>Entries that begin at or after <paramref name="start"/> had no records and give way.</remarks>
    public EpochHistory With(LeaderEpoch epoch, Offset start)
    {
        if (epoch <= Latest || epoch.Value < 0)
            return this;
        var keep = _entries.Length;
        while (keep > 0 && _entries[keep - 1].Start >= start)
            keep--;
        return new([.. _entries.AsSpan(0, keep), new EpochStart(epoch, start)]);
    }

    /// <summary>The history of the log cut at <paramref name="end"/>: epochs that begin there or later go.</summary>
    public EpochHistory TruncateFromEnd(Offset end)
    {
        var keep = _entries.Length;
        while (keep > 0 && _entries[keep - 1].Start >= end)
            keep--;
        return keep == _entries.Length ? this : new(_entries[..keep]);
    }

    /// <summary>The history of the log that begins at <paramref name="start"/>: the epoch in force there begins
    /// there.</summary>
    public EpochHistory TruncateFromStart(Offset start)
    {
        var first = 0;
        while (first + 1 < _entries.Length && _entries[first + 1].Start <= start)
            first++;
        if (_entries.Length == 0 || _entries[0].Start >= start)
            return this;
        EpochStart[] rest = _entries[first..];
        rest[0] = rest[0] with { Start = start };
        return new(rest);
    }

    /// <summary>True when the same epochs begin at the same offsets.</summary>
    public bool Equals(EpochHistory? other) => other is not null && _entries.AsSpan().SequenceEqual(other._entries);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as EpochHistory);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_entries.Length, Latest);

    /// <summary>The epoch in which the record at <paramref name="offset"/> was appended; -1 when it is older than all
    /// we know.</summary>
    public LeaderEpoch EpochOf(Offset offset)
    {
        for (var i = _entries.Length - 1; i >= 0; i--)
        {
            if (_entries[i].Start <= offset)
                return _entries[i].Epoch;
        }

        return LeaderEpoch.None;
    }

    /// <summary>Up to where a log with this history has what another log has (KIP-279).</summary>
    /// <param name="end">This log's end.</param>
    /// <param name="other">The other's history.</param>
    /// <param name="otherEnd">The other's end.</param>
    /// <returns>The end of the last epoch they share, in the shorter of both logs; without epochs to go by, the
    /// smaller end.</returns>
    public Offset AgreesUpTo(Offset end, EpochHistory other, Offset otherEnd)
    {
        if (_entries.Length == 0)
            return Offset.Min(end, otherEnd);
        for (var i = _entries.Length - 1; i >= 0; i--)
        {
            var ours = i + 1 < _entries.Length ? _entries[i + 1].Start : end;
            if (other.EndOf(_entries[i].Epoch, otherEnd) is { } theirs && theirs.Epoch == _entries[i].Epoch)
                return Offset.Min(ours, theirs.End);
        }

        return Offset.Min(_entries[0].Start, otherEnd);
    }

    /// <summary>Where the log of <paramref name="epoch"/> ends: the point up to which a follower agrees with
    /// us.</summary>
    /// <param name="epoch">The epoch asked for.</param>
    /// <param name="logEnd">Our own log's end, the offset after its last record.</param>
    /// <returns>The largest epoch we know not above <paramref name="epoch"/>, and the offset after its last record;
    /// null when the epoch is none or above all we know.</returns>
    public (LeaderEpoch Epoch, Offset End)? EndOf(LeaderEpoch epoch, Offset logEnd)
    {
        if (epoch.Value < 0 || _entries.Length == 0 || epoch > Latest)
            return null;
        if (epoch == Latest)
            return (epoch, logEnd);

        var next = 0;
        while (_entries[next].Epoch <= epoch)
            next++;
        // An epoch older than all we know ends, for us, where our history begins.
        return next == 0 ? (epoch, _entries[0].Start) : (_entries[next - 1].Epoch, _entries[next].Start);
    }
}

/// <summary>The beginning of a leader epoch.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="Start">The offset of its first record.</param>
public readonly record struct EpochStart(LeaderEpoch Epoch, Offset Start);
