namespace Barnabas.Replication;

/// <summary>Somebody who waits for partitions to move: a fetch with too little to answer.</summary>
/// <remarks>It is woken once, by whichever comes first: a partition it watches or its own deadline. Waking it again
/// does nothing, so partitions need not be told that it left.</remarks>
public sealed class Waiter : Watcher, IDisposable
{
    // Plain, for it is combined with other tasks: whoever waits is on a lane of its own and goes on there.
    private readonly TaskCompletionSource _woken = new();
    private readonly ITimer _deadline;

    /// <summary>A waiter that gives up after <paramref name="patience"/>.</summary>
    public Waiter(TimeProvider time, TimeSpan patience) =>
        _deadline = time.CreateTimer(
            static waiter => ((Waiter)waiter!).Expire(), this, patience, Timeout.InfiniteTimeSpan);

    /// <summary>True once the deadline has passed.</summary>
    public bool HasExpired { get; private set; }

    /// <summary>True once it has been woken, for whatever reason.</summary>
    public override bool IsOver => _woken.Task.IsCompleted;

    /// <summary>Completes when it is woken.</summary>
    public Task Woken => _woken.Task;

    /// <summary>Something it waits for has happened. From any lane.</summary>
    public override void Wake() => _woken.TrySetResult();

    /// <inheritdoc/>
    public void Dispose()
    {
        _deadline.Dispose();
        Wake();
    }

    private void Expire()
    {
        HasExpired = true;
        Wake();
    }
}
