namespace Barnabas.Base;

/// <summary>A serial executor: what runs on it runs one piece at a time, in order, and owns its state without
/// locks.</summary>
/// <remarks>It is a <see cref="SynchronizationContext"/>, so <c>await</c> comes back to the lane by itself.
/// Awaiting <em>leaves</em> the lane: other pieces may run before the continuation does.</remarks>
public abstract class Lane : SynchronizationContext
{
    /// <summary>Where what awaits the lane's tasks, and is on no lane itself, goes on: on the thread pool.
    /// The simulator has none, and lets it go on in place.</summary>
    protected virtual TaskCreationOptions Continuations => TaskCreationOptions.RunContinuationsAsynchronously;

    /// <summary>Runs <paramref name="work"/> on the lane, after all that was posted before it.</summary>
    public void Post(Action work) => Post(static state => ((Action)state!)(), work);

    /// <summary>Runs <paramref name="work"/> on the lane and completes with its result.</summary>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(Continuations);
        Post(() => Complete(work, done));
        return done.Task;
    }

    /// <summary>Runs <paramref name="work"/> on the lane, its awaits included, and completes with its
    /// result.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        var done = new TaskCompletionSource<T>(Continuations);
        Post(() => CompleteAsync(work, done));
        return done.Task;
    }

    /// <summary>Runs <paramref name="work"/> on the lane, its awaits included, and completes after
    /// it.</summary>
    public Task RunAsync(Func<Task> work) => RunAsync(async () =>
    {
        await work();
        return true;
    });

    /// <summary>Begins a loop on the lane. Nobody awaits it before it is told to end, so what it fails with is not kept
    /// for whoever does: it ends the process, as the fault of any other piece does.</summary>
    /// <returns>Completes when the loop has ended.</returns>
    public Task BeginAsync(Func<Task> loop)
    {
        var ended = new TaskCompletionSource(Continuations);
        Post(() => Go(loop, ended));
        return ended.Task;
    }

    /// <summary>As <see cref="BeginAsync"/>, at once and on the lane that is running.</summary>
    public static Task BeginHereAsync(Func<Task> loop)
    {
        // Plain: what awaits it is on the same lane.
        var ended = new TaskCompletionSource();
        Go(loop, ended);
        return ended.Task;
    }

    // What it throws is posted to the lane and thrown there.
    private static async void Go(Func<Task> loop, TaskCompletionSource ended)
    {
        await loop();
        ended.SetResult();
    }

    private static void Complete<T>(Func<T> work, TaskCompletionSource<T> done)
    {
        try
        {
            End(done, work());
        }
        catch (Exception fault)
        {
            done.SetException(fault);
        }
    }

    private static async void CompleteAsync<T>(Func<Task<T>> work, TaskCompletionSource<T> done)
    {
        try
        {
            End(done, await work());
        }
        catch (Exception fault)
        {
            done.SetException(fault);
        }
    }

    // Off the lane, or what awaits the task on this very lane would go on within this piece of work.
    private static void End<T>(TaskCompletionSource<T> done, T result)
    {
        var lane = Current;
        SetSynchronizationContext(null);
        done.SetResult(result);
        SetSynchronizationContext(lane);
    }
}
