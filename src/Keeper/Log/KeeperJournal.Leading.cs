using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>Taking the lead, holding it, and appending.</summary>
public sealed partial class KeeperJournal
{
    private int _epochVersion;
    private bool _isPutting;

    // Beyond two thirds of the session's time since the last proven contact the lead is given up: a third is left
    // before any server may end the session and another node may lead.
    private TimeSpan LeaseLeft =>
        (_client.SessionTimeout * 2 / 3) - _host.Time.GetElapsedTime(_client.LastContact);

    /// <summary>Makes a change beside the log, as long as the epoch lasts.</summary>
    internal async Task<KeeperError> MirrorAsync(int epoch, KeeperChange change)
    {
        if (!Leads(epoch))
            return KeeperError.BadVersion;
        var check = KeeperChange.Check(KeeperLayout.Epoch, _epochVersion);
        return (await _client.MultiAsync([check, change])).Error;
    }

    /// <summary>Begins an epoch: from then on no append of an earlier one can succeed, and what did is read before the
    /// first of this one.</summary>
    private async Task<KeeperError> TakeLeadAsync()
    {
        var current = await _store.ReadNumberAsync(KeeperLayout.Epoch);
        if (!current.IsOk)
            return current.Error;
        var epoch = checked((int)current.Value.Value + 1);
        var begun = await _client.MultiAsync(
            [
                KeeperChange.Check(_ownNode),
                KeeperChange.SetData(KeeperLayout.Epoch, KeeperLayout.Number(epoch), current.Value.Stat.Version),
            ]);
        if (!begun.IsOk)
        {
            (_electionIsOld, _hasJoined) = (true, begun.Error != KeeperError.NoNode);
            return begun.Error;
        }

        var caughtUp = await CatchUpAsync();
        if (caughtUp != KeeperError.None)
            return caughtUp;
        if (_closing || _client.State != KeeperState.Connected || LeaseLeft <= TimeSpan.Zero)
            return KeeperError.OperationTimeout;

        (_epochVersion, _nextOffset) = (begun.Value[1].Stat.Version, _committed);
        Volatile.Write(ref _epoch, epoch);
        Volatile.Write(ref _leads, true);
        CheckLease();
        LogLeads(epoch, _committed);
        _follower?.OnEpoch(epoch, leads: true);
        return KeeperError.None;
    }

    private void CheckLease()
    {
        if (!_leads)
            return;
        var left = LeaseLeft;
        if (left > TimeSpan.Zero)
            _lease.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        else if (!_host.Has(PlantedBug.SessionExpiryIgnored))
            Resign("no server was heard of for two thirds of the session's time");
    }

    /// <summary>Leads no more. What waits is dropped; what is on its way may yet be committed.</summary>
    private void Resign(string why)
    {
        if (!_leads)
            return;
        LogResigned(_epoch, why);
        Volatile.Write(ref _leads, false);
        _appends.Clear();
        _nextOffset = _committed;
        (_electionIsOld, _endIsOld) = (true, true);
        _follower?.OnEpoch(_epoch, leads: false);
        _drained?.TrySetResult();
        _signal.Set();
    }

    /// <summary>Writes what was appended, in batches, one after the other.</summary>
    private async Task<KeeperError> WriteAsync()
    {
        while (_leads && _appends.Count > 0 && !_electionIsOld)
        {
            _isPutting = true;
            var error = await PutAsync(Gather(out var content), content);
            _isPutting = false;
            if (error != KeeperError.None)
                return error;
        }

        if (_appends.Count == 0)
            _drained?.TrySetResult();
        if (_electionIsOld)
            _signal.Set();
        return KeeperError.None;
    }

    // What was appended together stays in one batch, however large.
    private Committed<ITypedRecord> Gather(out ReadOnlyMemory<byte> content)
    {
        var (records, whole) = (new List<ITypedRecord>(), new MemoryStream());
        while (_appends.TryPeek(out var append)
            && (records.Count == 0 || whole.Length + append.Bytes.Length <= _settings.ChunkBytes))
        {
            whole.Write(append.Bytes.Span);
            records.AddRange(append.Records);
            _appends.Dequeue();
        }

        content = whole.GetBuffer().AsMemory(0, (int)whole.Length);
        var now = _host.Time.GetUtcNow().ToUnixTimeMilliseconds();
        return new Committed<ITypedRecord>(_committed + records.Count - 1, _epoch, now, records);
    }

    private async Task<KeeperError> PutAsync(Committed<ITypedRecord> batch, ReadOnlyMemory<byte> content)
    {
        var (offset, epoch) = (_committed, _epoch);
        var parts = content.Length > _settings.ChunkBytes ? _settings.Chunks(content) : [];
        var node = new JournalBatch(
            epoch, batch.Timestamp, batch.Records.Count, parts.Count, parts.Count > 0 ? default : content);
        var bytes = node.ToBytes();
        var staged = await StageAsync(KeeperLayout.PartsOf(offset, epoch), parts, epoch);
        while (Leads(epoch) && staged == KeeperError.None)
        {
            var error = await AppendAsync(offset, offset + batch.Records.Count, bytes);
            // The lead was given up meanwhile: what became of the batch is read.
            if (!Leads(epoch))
                break;
            switch (error)
            {
                case KeeperError.None:
                    OnCommitted(new StoredBatch(batch, content.Length));
                    return KeeperError.None;
                case KeeperError.ConnectionLoss or KeeperError.OperationTimeout or KeeperError.ThrottledOp
                    or KeeperError.SessionMoved:
                    if (_host.Has(PlantedBug.LostAnswerTakenForFailure))
                        offset = await AgainAtTheEndAsync(offset);
                    // Asked again, it is refused where it was done: so nothing is done twice, and nothing guessed.
                    await PauseAsync();
                    break;
                case KeeperError.BadVersion or KeeperError.NodeExists:
                    await SettleAsync(offset, bytes, new StoredBatch(batch, content.Length), epoch);
                    return KeeperError.None;
                default:
                    Resign($"ZooKeeper answered {error}");
                    return error;
            }
        }

        _endIsOld = true;
        return staged == KeeperError.None || !Leads(epoch) ? KeeperError.None : staged;
    }

    private bool Leads(int epoch) => _leads && _epoch == epoch;

    private async Task<KeeperError> AppendAsync(long offset, long end, ReadOnlyMemory<byte> bytes)
    {
        KeeperChange[] changes =
        [
            KeeperChange.Check(KeeperLayout.Epoch, _epochVersion),
            KeeperChange.Create(KeeperLayout.Batch(offset), bytes),
            KeeperChange.SetData(KeeperLayout.End, KeeperLayout.Number(end)),
        ];
        var answer = await _client.MultiAsync(
            _host.Has(PlantedBug.AppendWithoutEpochCheck) ? changes[1..] : changes);
        return answer.Error;
    }

    /// <summary>An append was refused: it was done before, or another leads.</summary>
    private async Task SettleAsync(long offset, ReadOnlyMemory<byte> bytes, StoredBatch batch, int epoch)
    {
        var found = await _client.GetDataAsync(KeeperLayout.Batch(offset));
        while (found.Error == KeeperError.ConnectionLoss && Leads(epoch))
            found = await _client.GetDataAsync(KeeperLayout.Batch(offset));
        if (!Leads(epoch))
            return;
        if (found.IsOk && found.Value.Data.Span.SequenceEqual(bytes.Span))
            OnCommitted(batch);
        else
            Resign("another node has appended");
        // Refused for the epoch, it was done before the next one began.
        (_electionIsOld, _endIsOld) = (true, true);
        _signal.Set();
    }

    /// <summary>The mistake of who takes a lost answer for a failure: what was appended goes to wherever the end is
    /// now.</summary>
    private async Task<long> AgainAtTheEndAsync(long offset)
    {
        var end = await _store.ReadNumberAsync(KeeperLayout.End);
        return end.IsOk ? end.Value.Value : offset;
    }

    /// <summary>Puts the parts of a large batch where nobody looks before the batch names them.</summary>
    private async Task<KeeperError> StageAsync(string above, List<ReadOnlyMemory<byte>> parts, int epoch)
    {
        if (parts.Count == 0)
            return KeeperError.None;
        var error = await PutNodeAsync(above, default, epoch);
        for (var i = 0; i < parts.Count && error == KeeperError.None; i++)
            error = await PutNodeAsync(KeeperLayout.Part(above, i), parts[i], epoch);
        return error;
    }

    /// <summary>Makes or writes a node, as often as it takes while this node leads.</summary>
    private async Task<KeeperError> PutNodeAsync(string path, ReadOnlyMemory<byte> data, int epoch)
    {
        while (true)
        {
            var error = (await _client.CreateAsync(path, data)).Error;
            if (error == KeeperError.NodeExists)
                error = (await _client.SetDataAsync(path, data)).Error;
            if (error is not (KeeperError.ConnectionLoss or KeeperError.OperationTimeout) || !Leads(epoch))
                return error;
            await PauseAsync();
        }
    }
}
