using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Wire;
using Microsoft.Extensions.Logging;

namespace Barnabas.Keeper;

/// <summary>The metadata log kept by a ZooKeeper ensemble, for several nodes of which one leads at a time.</summary>
/// <remarks>
/// An append is one multi: the epoch still has its version, the batch's node is made, the end moves. So what an earlier
/// leader sends can only fail, and what succeeded is committed. The lowest ephemeral node of the election leads; it
/// gives the lead up well before its session could end. Owned by one lane, that of its follower.
/// </remarks>
public sealed partial class KeeperJournal : IQuorumJournal<ITypedRecord>, ISnapshotted<ITypedRecord>
{
    private readonly Host _host;
    private readonly Lane _lane;
    private readonly KeeperJournalSettings _settings;
    private readonly ILogger _logger;
    private readonly Signal _signal;
    private readonly ITimer _lease;
    private readonly Queue<PendingAppend> _appends = new();
    private readonly List<Committed<ITypedRecord>> _read = [];
    private readonly TaskCompletionSource<IOException> _fault = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Committed<ITypedRecord>? _snapshot;
    private IJournalFollower<ITypedRecord>? _follower;
    private KeeperClient _client;
    private JournalStore _store;
    private Task _running = Task.CompletedTask;
    private TaskCompletionSource? _drained;
    private long _committed;
    private long _nextOffset;
    private long _bytes;
    private int _epoch;
    private bool _leads;
    private bool _closing;

    private KeeperJournal(Host host, Lane lane, KeeperJournalSettings settings)
    {
        (_host, _lane, _settings) = (host, lane, settings);
        _logger = host.Log.CreateLogger<KeeperJournal>();
        _signal = new Signal(lane);
        _lease = host.Time.CreateTimer(
            _ => lane.Post(CheckLease), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        (_client, _store) = NewSession();
    }

    /// <inheritdoc/>
    public long NextOffset => _nextOffset;

    /// <inheritdoc/>
    public Task<IOException> Fault => _fault.Task;

    /// <summary>The id of the cluster whose metadata it is.</summary>
    public string ClusterId { get; private set; } = "";

    /// <summary>This node.</summary>
    internal BrokerId Self => _settings.Self;

    /// <summary>The epoch in which this node leads; null while it does not.</summary>
    internal int? LedEpoch => _leads ? _epoch : null;

    /// <summary>Who may do what with nodes that are there to be seen.</summary>
    internal IReadOnlyList<KeeperAcl>? ShownAcl => _settings.Ensemble.ShownAcl;

    /// <summary>The session, as it is now.</summary>
    internal KeeperClient Session => _client;

    /// <summary>Reads what the ensemble keeps. From any lane.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="lane">The journal's lane, and its follower's.</param>
    /// <param name="settings">Where and who.</param>
    /// <exception cref="NoClusterException">No cluster is kept there, and none may begin.</exception>
    /// <exception cref="IOException">No ensemble answered in time, it does not let us in, or what it keeps is
    /// damaged.</exception>
    public static Task<KeeperJournal> OpenAsync(Host host, Lane lane, KeeperJournalSettings settings) =>
        lane.RunAsync(async () =>
        {
            var journal = new KeeperJournal(host, lane, settings);
            try
            {
                await journal.OpenAsync();
            }
            catch (IOException)
            {
                await journal.EndAsync();
                throw;
            }

            return journal;
        });

    /// <inheritdoc/>
    public void Follow(IJournalFollower<ITypedRecord> follower)
    {
        Invariant.Holds(_follower is null, "a journal is followed once");
        _follower = follower;
        if (_snapshot is { } snapshot)
            follower.OnSnapshot(snapshot);
        foreach (var batch in _read)
            follower.OnCommitted(batch);
        _snapshot = null;
        _read.Clear();
        follower.OnEpoch(_epoch, leads: false);
        _running = Lane.BeginHereAsync(RunAsync);
    }

    /// <inheritdoc/>
    public long Append(int epoch, IReadOnlyList<ITypedRecord> records)
    {
        Invariant.Holds(records.Count > 0, "an append has records");
        if (_fault.Task.IsCompleted || !_leads || epoch != _epoch)
            throw new IOException("the epoch is over");
        _appends.Enqueue(new PendingAppend(records));
        _nextOffset += records.Count;
        _signal.Set();
        return _nextOffset - 1;
    }

    /// <inheritdoc/>
    public Task WithdrawAsync() => CloseAsync();

    /// <inheritdoc/>
    public Task CloseAsync() => _lane.RunAsync(async () =>
    {
        _closing = true;
        _signal.Set();
        if (_leads && (_appends.Count > 0 || _isPutting))
        {
            // At the latest the lease ends it.
            _drained = new TaskCompletionSource();
            await _drained.Task;
        }

        Resign("the node is closing");
        await EndAsync();
        await _running;
        // It may have begun a session just then.
        await _client.DisposeAsync();
    });

    private async Task EndAsync()
    {
        _lease.Dispose();
        await _client.DisposeAsync();
    }

    private (KeeperClient Client, JournalStore Store) NewSession()
    {
        KeeperClient? client = null;
        client = KeeperClient.Start(_host, _lane, _settings.Ensemble, state => OnState(client, state));
        return (client, new JournalStore(client));
    }

    private async Task OpenAsync()
    {
        var isLate = false;
        var begun = _host.Time.GetTimestamp();
        ITimer? timer = null;
        timer = _host.Time.CreateTimer(
            _ => _lane.Post(Look), null, _settings.OpenTimeout, Timeout.InfiniteTimeSpan);
        await using var deadline = timer;
        var error = await TryOpenAsync();
        while (!isLate && error is (KeeperError.ConnectionLoss or KeeperError.OperationTimeout
            or KeeperError.SessionExpired))
        {
            if (error == KeeperError.SessionExpired)
                await RenewAsync();
            await PauseAsync();
            if (!isLate)
                error = await TryOpenAsync();
        }

        if (isLate)
        {
            throw new IOException(
                $"no ZooKeeper at {_settings.Ensemble.Connect} within {_settings.OpenTimeout.TotalSeconds:0.#} s");
        }

        if (error != KeeperError.None)
            throw new IOException($"ZooKeeper at {_settings.Ensemble.Connect} refuses: {error}");

        // What counts is how long no server was heard of: an opening that gets on, however slowly, goes on. Else what
        // waits for a server fails.
        async void Look()
        {
            var left = _settings.OpenTimeout - _host.Time.GetElapsedTime(Math.Max(begun, _client.LastContact));
            if (left > TimeSpan.Zero)
            {
                timer?.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }

            isLate = true;
            await _client.DisposeAsync();
        }
    }

    private async Task RenewAsync()
    {
        await _client.DisposeAsync();
        (_client, _store) = NewSession();
    }

    private async Task<KeeperError> TryOpenAsync()
    {
        try
        {
            var cluster = await _store.JoinAsync(_settings.NewClusterId);
            if (!cluster.IsOk)
                return cluster.Error;
            ClusterId = cluster.Value ?? throw new NoClusterException(_settings.Ensemble.Connect);
            var epoch = await _store.ReadNumberAsync(KeeperLayout.Epoch);
            if (!epoch.IsOk)
                return epoch.Error;
            _epoch = (int)epoch.Value.Value;
            return await CatchUpAsync();
        }
        catch (MalformedFrameException damage)
        {
            throw new IOException($"what ZooKeeper keeps is damaged: {damage.Message}", damage);
        }
    }

    private void OnSnapshot(Committed<ITypedRecord> snapshot)
    {
        if (_follower is { } follower)
        {
            follower.OnSnapshot(snapshot);
        }
        else
        {
            _snapshot = snapshot;
            _read.Clear();
        }

        SnapshotEnd = snapshot.LastOffset + 1;
        _bytes = 0;
        MoveTo(snapshot.LastOffset + 1);
    }

    private void OnCommitted(StoredBatch stored)
    {
        if (_follower is { } follower)
            follower.OnCommitted(stored.Batch);
        else
            _read.Add(stored.Batch);
        _bytes += stored.Bytes;
        MoveTo(stored.Batch.LastOffset + 1);
    }

    private void MoveTo(long next)
    {
        Volatile.Write(ref _committed, next);
        _nextOffset = Math.Max(_nextOffset, next);
    }

    private void Fail(IOException fault)
    {
        LogFailed(fault);
        _fault.TrySetResult(fault);
        Resign("the journal has failed");
    }

    private Task PauseAsync() => Task.Delay(TimeSpan.FromMilliseconds(20 + _host.Random.Next(80)), _host.Time);

    [LoggerMessage(LogLevel.Critical, "The metadata kept by ZooKeeper cannot be followed any more")]
    private partial void LogFailed(IOException fault);

    [LoggerMessage(LogLevel.Information, "Leads the metadata log in epoch {Epoch} from offset {Offset} on")]
    private partial void LogLeads(int epoch, long offset);

    [LoggerMessage(LogLevel.Warning, "Gives up the lead of epoch {Epoch}: {Why}")]
    private partial void LogResigned(int epoch, string why);

    [LoggerMessage(LogLevel.Debug, "ZooKeeper answered {Error}")]
    private partial void LogError(KeeperError error);
}
