using System.Globalization;
using System.Text;
using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>Sessions, the election, and following who leads.</summary>
public sealed partial class KeeperJournal
{
    // So far behind that batches are listed and read many at a time.
    private const int FarBehind = 256;
    private const int AttemptsAtAHole = 8;
    private static readonly DateTimeOffset Unknown = DateTimeOffset.UnixEpoch.AddMilliseconds(-1);
    private volatile IReadOnlyList<BrokerId> _candidates = [];
    private string _ownNode = "";
    private bool _isWatching;
    private bool _hasJoined;
    private bool _hasCleared;
    private bool _isLowest;
    private bool _electionIsOld;
    private bool _endIsOld;

    /// <inheritdoc/>
    public QuorumView Describe()
    {
        var (candidates, committed) = (_candidates, new Offset(Volatile.Read(ref _committed)));
        var (leads, now) = (Volatile.Read(ref _leads), _host.Time.GetUtcNow());
        var voters = candidates.Select(id => id == _settings.Self
            ? new QuorumMember(id, Uuid.Zero, committed, now, now)
            : new QuorumMember(id, Uuid.Zero, new Offset(-1), Unknown, Unknown));
        var leader = leads ? _settings.Self : candidates.FirstOrDefault(BrokerId.None);
        // The lowest candidate may be about to lead, but leads not yet: only it knows.
        if (!leads && leader == _settings.Self)
            leader = BrokerId.None;
        return new QuorumView(leader, new LeaderEpoch(Volatile.Read(ref _epoch)), committed, [.. voters], []);
    }

    private async Task RunAsync()
    {
        while (!_closing || (_leads && _appends.Count > 0))
        {
            KeeperError error;
            try
            {
                error = await StepAsync();
            }
            catch (MalformedFrameException damage)
            {
                Fail(new IOException($"what ZooKeeper keeps is damaged: {damage.Message}", damage));
                return;
            }

            switch (error)
            {
                case KeeperError.None:
                    await _signal.WaitAsync();
                    break;
                case KeeperError.AuthFailed or KeeperError.NoAuth:
                    Fail(new IOException($"ZooKeeper refuses: {error}"));
                    return;
                case KeeperError.SessionExpired when !_closing:
                    // A server may say so in an answer, before the client has heard: then the lead ends here.
                    Resign("the session is over");
                    (_isWatching, _hasJoined, _isLowest) = (false, false, false);
                    await RenewAsync();
                    break;
                default:
                    LogError(error);
                    await PauseAsync();
                    break;
            }
        }
    }

    /// <summary>Does all there is to do now.</summary>
    private async Task<KeeperError> StepAsync()
    {
        if (_client.State == KeeperState.AuthFailed)
            return KeeperError.AuthFailed;
        if (_client.State is KeeperState.Expired or KeeperState.Closed)
            return KeeperError.SessionExpired;
        var error = _hasJoined ? KeeperError.None : await JoinAsync();
        if (error == KeeperError.None && _electionIsOld)
            error = await LookAsync();
        if (error == KeeperError.None && _isLowest && !_leads)
            error = await TakeLeadAsync();
        if (error != KeeperError.None)
            return error;
        if (_leads)
            return await WriteAsync();
        return _endIsOld ? await CatchUpAsync() : KeeperError.None;
    }

    private void OnState(KeeperClient? client, KeeperState state)
    {
        if (client != _client)
            return;
        switch (state)
        {
            // What a watch that stays would have told in between was told to nobody.
            case KeeperState.Connected when !_host.Has(PlantedBug.WatchMissedAfterReconnect):
                (_electionIsOld, _endIsOld) = (true, true);
                break;
            case KeeperState.Expired or KeeperState.AuthFailed when !_host.Has(PlantedBug.SessionExpiryIgnored):
                Resign("the session is over");
                break;
            default:
                break;
        }

        _signal.Set();
    }

    /// <summary>Stands for election, and watches it.</summary>
    private async Task<KeeperError> JoinAsync()
    {
        var error = _isWatching ? KeeperError.None : await WatchAsync();
        if (error != KeeperError.None)
            return error;
        var election = await ReadElectionAsync();
        if (!election.IsOk)
            return election.Error;
        foreach (var candidate in election.Value)
        {
            if (candidate.Owner == _client.SessionId)
                _ownNode = candidate.Path;
            else if (candidate.Id == _settings.Self && !_hasCleared)
                await _client.DeleteAsync(candidate.Path);
        }

        // What the process before this one left is there at the start alone: later it is another's, of the same number.
        _hasCleared = true;

        if (!election.Value.Any(candidate => candidate.Owner == _client.SessionId))
        {
            var own = Encoding.ASCII.GetBytes(_settings.Self.Value.ToString(CultureInfo.InvariantCulture));
            var made = await _client.CreateAsync(
                $"{KeeperLayout.Election}/n-", own, NodeKind.EphemeralSequential);
            if (!made.IsOk)
                return made.Error;
            _ownNode = made.Value.Path;
        }

        (_hasJoined, _electionIsOld, _endIsOld) = (true, true, true);
        return KeeperError.None;
    }

    private async Task<KeeperError> WatchAsync()
    {
        var error = await _client.AddWatchAsync(KeeperLayout.End, WatchScope.Node, _ => Told(ref _endIsOld));
        foreach (var path in (string[])[KeeperLayout.Election, KeeperLayout.Epoch])
        {
            if (error == KeeperError.None)
                error = await _client.AddWatchAsync(path, WatchScope.Node, _ => Told(ref _electionIsOld));
        }

        _isWatching = error == KeeperError.None;
        return error;
    }

    private void Told(ref bool isOld)
    {
        isOld = true;
        _signal.Set();
    }

    /// <summary>Finds out who leads.</summary>
    private async Task<KeeperError> LookAsync()
    {
        _electionIsOld = false;
        var election = await ReadElectionAsync();
        var epoch = await _store.ReadNumberAsync(KeeperLayout.Epoch);
        if (!election.IsOk || !epoch.IsOk)
        {
            _electionIsOld = true;
            return election.IsOk ? epoch.Error : election.Error;
        }

        var candidates = election.Value;
        _candidates = [.. candidates.Select(static candidate => candidate.Id)];
        _isLowest = candidates.Count > 0 && candidates[0].Owner == _client.SessionId;
        // Somebody took it away: stand again.
        _hasJoined = candidates.Any(candidate => candidate.Owner == _client.SessionId);
        var current = (int)epoch.Value.Value;
        if (!_isLowest)
            Resign("another node is before this one");
        else if (current != _epoch)
            Resign($"epoch {current} has begun");
        if (!_leads && current > _epoch)
        {
            Volatile.Write(ref _epoch, current);
            _follower?.OnEpoch(current, leads: false);
        }

        return _hasJoined ? KeeperError.None : KeeperError.OperationTimeout;
    }

    /// <summary>Those who stand for election, the lowest first.</summary>
    private async Task<KeeperAnswer<IReadOnlyList<Candidate>>> ReadElectionAsync()
    {
        var children = await _client.GetChildrenAsync(KeeperLayout.Election);
        if (!children.IsOk)
            return new(children.Error, []);
        var paths = children.Value.Names.Order(StringComparer.Ordinal)
            .Select(static name => KeeperPath.Child(KeeperLayout.Election, name)).ToArray();
        var reads = await _client.MultiReadAsync([.. paths.Select(static path => new KeeperRead(path, false))]);
        if (!reads.IsOk)
            return new(reads.Error, []);
        var candidates = new List<Candidate>();
        foreach (var (path, read) in paths.Zip(reads.Value))
        {
            // What is gone by now is none any more.
            if (read.Error == KeeperError.None)
            {
                var id = (int)JournalStore.NumberIn(path, read.Data.Data);
                candidates.Add(new Candidate(path, new BrokerId(id), read.Data.Stat.Owner));
            }
        }

        return new(KeeperError.None, candidates);
    }

    /// <summary>Reads what was committed since, up to the end, and gives it to the follower.</summary>
    private async Task<KeeperError> CatchUpAsync()
    {
        _endIsOld = false;
        var error = KeeperError.None;
        for (var holes = 0; error == KeeperError.None;)
        {
            var end = await _store.ReadNumberAsync(KeeperLayout.End);
            if (!end.IsOk || _committed >= end.Value.Value)
            {
                error = end.Error;
                break;
            }

            var before = _committed;
            error = await ReadOnAsync(end.Value.Value - before > FarBehind);
            if (error == KeeperError.NoNode)
            {
                if (++holes > AttemptsAtAHole)
                    throw new MalformedFrameException($"no batch begins at offset {before}, and no snapshot covers it");
                error = await SkipAsync();
            }
        }

        _endIsOld |= error != KeeperError.None;
        return error;
    }

    private async Task<KeeperError> ReadOnAsync(bool many)
    {
        var before = _committed;
        if (many)
        {
            var error = await _store.ReadBatchesAsync(before, OnCommitted);
            return error == KeeperError.None && _committed == before ? KeeperError.NoNode : error;
        }

        var batch = await _store.ReadBatchAsync(before);
        if (batch.IsOk)
            OnCommitted(batch.Value);
        return batch.Error;
    }

    // The leader drops batches behind a snapshot, and snapshots behind a newer one, also while they are being read.
    private async Task<KeeperError> SkipAsync()
    {
        var snapshot = await _store.ReadSnapshotAsync();
        if (snapshot.IsOk && snapshot.Value.LastOffset >= _committed)
            OnSnapshot(snapshot.Value);
        else if (snapshot.Error is KeeperError.None or KeeperError.NoNode)
            await PauseAsync();
        return snapshot.Error == KeeperError.NoNode ? KeeperError.None : snapshot.Error;
    }

    /// <summary>A node that stands for election.</summary>
    private readonly record struct Candidate(string Path, BrokerId Id, long Owner);
}
