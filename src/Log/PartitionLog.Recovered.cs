using Barnabas.Base;

namespace Barnabas.Log;

/// <remarks>What becomes of the batches that a recovery found above the recovery point. Where answers waited for the
/// disk (<c>barnabas.durability</c>) they are read from the disk, and synced before the log opens. Elsewhere an answer
/// promised no more than that they outlive the process, whose end has taken nothing from the kernel: they are taken
/// from there, and the log opens at once. Three things keep that from being more than it is. The recovery point stays
/// where it was, so that after a power cut the same batches are looked at again, and what of them is missing is a torn
/// tail, not damage. The segments, their indexes and their names count as not synced, and the next flush takes them as
/// if this process had written them. And that flush counts them only once it has read them from the disk itself (<see
/// cref="UnprovenStretch"/>).</remarks>
public sealed partial class PartitionLog
{
    private readonly List<UnprovenStretch> _unproven = [];

    private bool TrustsCache => _hints is { TrustsCache: true, CleanShutdown: false };

    private void Remember(UnprovenStretch unproven)
    {
        if (unproven.Bounded() is { IsEmpty: false } stretch)
            _unproven.Add(stretch);
    }

    /// <summary>A segment was cut: what of it is still to be proved ends there.</summary>
    private void Bound(Segment cut)
    {
        for (var i = _unproven.Count - 1; i >= 0; i--)
        {
            if (_unproven[i].Segment != cut)
                continue;
            _unproven[i] = _unproven[i].Bounded();
            if (_unproven[i].IsEmpty)
                _unproven.RemoveAt(i);
        }
    }

    /// <summary>Leaves what was found as it is, until the next flush.</summary>
    private void KeepRecovered()
    {
        _snapshots.RemoveAbove(_end);
        _flushed = Offset.Min(_end, _hints.RecoveryPoint);
        // The names of its files may have been made by the process that ended.
        _directoryDirty |= _end > _flushed || _ended.Count > 0;
    }

    /// <summary>Makes what was found durable, so that the recovery point may stand at the log's end at
    /// once.</summary>
    /// <remarks>Where nothing lies above the recovery point there is nothing to do, and a node with thousands of idle
    /// partitions starts at once: what was built anew would be so again after another crash.</remarks>
    private void SyncRecovered()
    {
        _snapshots.RemoveAbove(_end);
        if (_end <= _hints.RecoveryPoint && _ended.Count == 0 && !_directoryDirty)
        {
            _flushed = _end;
            return;
        }

        _snapshots.Write(_end, _producers);
        var work = new FlushWork(_host, _directory, _end);
        try
        {
            work.Take(_snapshots);
            foreach (var ended in _ended)
                work.TakeEnded(ended);
            work.Take(Active);
            work.TakeEpochs(_epochFile, _epochs, ++_epochVersion);
            work.SyncsDirectory = true;
            work.Run();
        }
        finally
        {
            work.Release();
        }

        _ended.Clear();
        _directoryDirty = false;
        _flushed = _end;
    }
}
