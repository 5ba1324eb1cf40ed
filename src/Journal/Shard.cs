using Barnabas.Base;

namespace Barnabas.Journal;

/// <summary>One shard of a coordinator as long as this node leads it: a machine on a lane of its own, with its timers
/// and those who wait for an answer.</summary>
/// <remarks>It is loaded once and lost once: a node that leads the shard again begins with a new one. All but what says
/// otherwise may be used from any lane.</remarks>
/// <typeparam name="TState">What is remembered.</typeparam>
/// <typeparam name="TRecord">What it is made of.</typeparam>
public sealed class Shard<TState, TRecord> : IJournalFollower<TRecord>
    where TState : IReplayed<TState, TRecord>
{
    private readonly Dictionary<Ticket, (Action<object> Give, Action Lose)> _parked = [];
    private readonly Queue<Func<TState, Decision<int, TRecord>>> _whenLoaded = new();
    private readonly Host _host;
    private readonly Lane _lane;
    private readonly IJournal<TRecord> _journal;
    private readonly Machine<TState, TRecord> _machine;
    private readonly Timers _timers;
    private readonly ShardEvents<TState, TRecord> _events;
    private volatile int _status = (int)ShardStatus.Loading;
    private long _lastTicket;
    private bool _letsGo;

    internal Shard(
        Host host, int index, int epoch, string name, OpenJournal<TRecord> open, ShardEvents<TState, TRecord> events)
    {
        (_host, Index, Epoch, _events) = (host, index, epoch, events);
        _lane = host.Lanes.NewLane(name);
        _journal = open(_lane, index, epoch);
        _machine = new(_lane, _journal, Perform, () => OnEpoch(Epoch, leads: false), host.Time);
        _timers = new(host, _lane, OnRang);
    }

    /// <summary>Its number among the coordinator's shards.</summary>
    public int Index { get; }

    /// <summary>The epoch in which this node leads it.</summary>
    public int Epoch { get; }

    /// <summary>The state as the committed records leave it; not whole while it loads.</summary>
    public TState Committed => _machine.Committed;

    /// <summary>The committed state and where in the journal it stands.</summary>
    public Held<TState> Held => _machine.Held;

    /// <summary>Whether it can be asked.</summary>
    /// <returns>None; COORDINATOR_LOAD_IN_PROGRESS; NOT_COORDINATOR.</returns>
    public ErrorCode Check() => (ShardStatus)_status switch
    {
        ShardStatus.Loading => ErrorCode.CoordinatorLoadInProgress,
        ShardStatus.Active => ErrorCode.None,
        _ => ErrorCode.NotCoordinator,
    };

    /// <summary>Decides, and answers once that is committed.</summary>
    /// <param name="decide">Pure; runs on the shard's lane.</param>
    /// <param name="refuse">The answer when the shard cannot be asked, by the error of <see cref="Check"/>; when the
    /// commit takes longer than callers wait, by COORDINATOR_NOT_AVAILABLE.</param>
    public Task<TAnswer> CommandAsync<TAnswer>(
        Func<TState, Decision<TAnswer, TRecord>> decide, Func<ErrorCode, TAnswer> refuse) =>
        _machine.CommandAsync(
            state =>
            {
                _timers.Start(CommitOverdue.Key, _events.Patience());
                return decide(state);
            },
            () => refuse(LostError));

    /// <summary>Decides as soon as it is loaded; never where it is lost before that, for then nobody knows whether it
    /// will be led here again. Nobody hears of the answer.</summary>
    /// <param name="decide">Pure; runs on the shard's lane.</param>
    public void CommandOnceLoaded(Func<TState, Decision<int, TRecord>> decide) => _lane.Post(() =>
    {
        if (_status == (int)ShardStatus.Loading)
            _whenLoaded.Enqueue(decide);
        else
            _machine.CommandAsync(decide, static () => 0);
    });

    /// <summary>Decides, and answers when the decision or a later one does so: at once where the decision has an
    /// answer, else with the <see cref="Reply"/> to its ticket.</summary>
    /// <param name="decide">Pure; runs on the shard's lane. Null in place of an answer lets the caller wait.</param>
    /// <param name="refuse">The answer when the shard cannot be asked, or is lost before an answer came.</param>
    public Task<TAnswer> ParkAsync<TAnswer>(
        Func<TState, Ticket, Decision<TAnswer?, TRecord>> decide, Func<ErrorCode, TAnswer> refuse)
        where TAnswer : class
    {
        // Plain: awaiters come back to their own lanes.
        var answer = new TaskCompletionSource<TAnswer>();
        _lane.Post(async () =>
        {
            var ticket = new Ticket(++_lastTicket);
            _parked.Add(ticket, (given => answer.SetResult((TAnswer)given), () => answer.SetResult(refuse(LostError))));
            var decided = await CommandAsync<TAnswer?>(state => decide(state, ticket), refuse);
            if (decided is not null)
                Give(ticket, decided);
        });
        return answer.Task;
    }

    /// <inheritdoc/>
    public void OnSnapshot(Committed<TRecord> snapshot)
    {
        if (_status != (int)ShardStatus.Lost)
            _machine.OnSnapshot(snapshot);
    }

    /// <inheritdoc/>
    public void OnCommitted(Committed<TRecord> batch)
    {
        if (_status != (int)ShardStatus.Lost)
            _machine.OnCommitted(batch);
    }

    /// <inheritdoc/>
    public void OnEpoch(int epoch, bool leads)
    {
        if (_status == (int)ShardStatus.Lost)
            return;
        if (leads)
        {
            _machine.OnEpoch(epoch, leads: true);
            _status = (int)ShardStatus.Active;
            _events.Loaded(this);
            while (_whenLoaded.TryDequeue(out var decide))
                _machine.CommandAsync(decide, static () => 0);
        }
        else
        {
            End();
            _events.Lost(this);
        }
    }

    /// <summary>Begins to load.</summary>
    internal void Load() => _lane.Post(() =>
    {
        if (_status == (int)ShardStatus.Loading)
            _journal.Follow(this);
    });

    /// <summary>Ends it: everybody who waits is told so.</summary>
    internal Task EndAsync() => _lane.RunAsync(() =>
    {
        if (_status != (int)ShardStatus.Lost)
            End();
        return Task.CompletedTask;
    });

    private ErrorCode LostError => _letsGo
        ? ErrorCode.CoordinatorNotAvailable
        : _status == (int)ShardStatus.Loading ? ErrorCode.CoordinatorLoadInProgress : ErrorCode.NotCoordinator;

    private void End()
    {
        _status = (int)ShardStatus.Lost;
        _timers.Clear();
        _machine.OnEpoch(Epoch, leads: false);
        var waiting = _parked.Values.ToList();
        _parked.Clear();
        if (_host.Has(PlantedBug.WaitersForgotten))
            return;
        foreach (var (_, lose) in waiting)
            lose();
    }

    private void OnRang(TimerKey key)
    {
        if (key is CommitOverdue)
            LetGo();
        else
            _events.Rang(this, key);
    }

    /// <summary>Answers who has waited too long for a commit.</summary>
    private void LetGo()
    {
        if (_host.Has(PlantedBug.OverdueForgotten))
            return;
        var (time, patience) = (_host.Time, _events.Patience());
        var overdue = time.GetTimestamp() - (long)(patience.TotalSeconds * time.TimestampFrequency);
        _letsGo = true;
        var waitsSince = _machine.LetGo(overdue);
        _letsGo = false;
        if (waitsSince is { } since)
            _timers.Start(CommitOverdue.Key, patience - time.GetElapsedTime(since));
    }

    private void Perform(Effect effect)
    {
        switch (effect)
        {
            case SetTimer timer:
                _timers.Set(timer.Key, timer.After);
                break;
            case StartTimer timer:
                _timers.Start(timer.Key, timer.After);
                break;
            case StopTimer timer:
                _timers.Stop(timer.Key);
                break;
            case Reply reply:
                Give(reply.To, reply.Answer);
                break;
            default:
                Invariant.Holds(_events.Perform is not null, $"{effect.GetType().Name} is an effect of coordinators");
                _events.Perform(this, effect);
                break;
        }
    }

    private void Give(Ticket ticket, object answer)
    {
        if (_parked.Remove(ticket, out var waiting))
            waiting.Give(answer);
    }

    private enum ShardStatus
    {
        Loading,
        Active,
        Lost,
    }

    /// <summary>Somebody may have waited too long for a commit.</summary>
    private sealed record CommitOverdue : TimerKey
    {
        public static CommitOverdue Key { get; } = new();
    }
}

/// <summary>Makes the journal of a shard.</summary>
/// <param name="lane">The shard's lane.</param>
/// <param name="index">The shard.</param>
/// <param name="epoch">The epoch in which this node leads it.</param>
public delegate IJournal<TRecord> OpenJournal<TRecord>(Lane lane, int index, int epoch);

/// <summary>What is called when something happens to a shard, on its lane.</summary>
/// <param name="Loaded">All its records are there, and it decides from now on.</param>
/// <param name="Rang">A timer rang.</param>
/// <param name="Lost">Its journal takes no more records.</param>
/// <param name="Patience">How long callers wait for a commit.</param>
/// <param name="Perform">Performs an effect that is the coordinator's own; null where there are none.</param>
internal sealed record ShardEvents<TState, TRecord>(
    Action<Shard<TState, TRecord>> Loaded,
    Action<Shard<TState, TRecord>, TimerKey> Rang,
    Action<Shard<TState, TRecord>> Lost,
    Func<TimeSpan> Patience,
    Action<Shard<TState, TRecord>, Effect>? Perform)
    where TState : IReplayed<TState, TRecord>;
