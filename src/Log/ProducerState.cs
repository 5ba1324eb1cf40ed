using System.Diagnostics.CodeAnalysis;
using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>What a partition remembers of one idempotent producer. A value: copying it is keeping it.</summary>
internal struct ProducerState
{
    private RecentBatches _recent;
    private int _count;

    /// <summary>A producer of which nothing is known but its id.</summary>
    public static ProducerState New =>
        new() { Epoch = -1, LastTimestamp = -1, CoordinatorEpoch = -1, TransactionStart = -1 };

    /// <summary>Its epoch; -1 for none yet.</summary>
    public short Epoch { get; private set; }

    /// <summary>The largest timestamp of its last batch or marker.</summary>
    public long LastTimestamp { get; set; }

    /// <summary>The epoch of the coordinator that wrote its last marker; -1 for none.</summary>
    public int CoordinatorEpoch { get; set; }

    /// <summary>Where its open transaction began; -1 for none.</summary>
    public long TransactionStart { get; set; }

    /// <summary>Its last batch; null when only an epoch is known.</summary>
    public readonly BatchTrace? Last => _count == 0 ? null : _recent[_count - 1];

    /// <summary>The batches remembered, the oldest first.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<BatchTrace> Recent => ((ReadOnlySpan<BatchTrace>)_recent)[.._count];

    /// <summary>The sequence number of its last record; -1 for none in this epoch.</summary>
    public readonly int LastSequence => Last?.LastSequence ?? -1;

    /// <summary>The batch with exactly these sequence numbers, if it is one of the last.</summary>
    public readonly BatchTrace? Find(short epoch, int firstSequence, int lastSequence)
    {
        if (epoch != Epoch)
            return null;
        for (var i = 0; i < _count; i++)
        {
            if (_recent[i].LastSequence == lastSequence && _recent[i].FirstSequence == firstSequence)
                return _recent[i];
        }

        return null;
    }

    /// <summary>Its epoch is now <paramref name="epoch"/>: batches of another no longer count.</summary>
    public void Enter(short epoch)
    {
        if (epoch == Epoch)
            return;
        Epoch = epoch;
        _count = 0;
    }

    /// <summary>Remembers a batch of the present epoch.</summary>
    public void Add(BatchTrace batch)
    {
        if (_count == RecentBatches.Capacity)
        {
            for (var i = 1; i < _count; i++)
                _recent[i - 1] = _recent[i];
            _count--;
        }

        _recent[_count++] = batch;
        LastTimestamp = batch.Timestamp;
    }

    /// <summary>The producer as others see it.</summary>
    public readonly ActiveProducer Describe(ProducerId id) => new(
        id, Epoch, LastSequence, LastTimestamp, CoordinatorEpoch,
        TransactionStart < 0 ? null : new Offset(TransactionStart));
}
