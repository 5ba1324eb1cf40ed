namespace Barnabas.Base;

/// <summary>A serial executor: what runs on it runs one piece at a time, in order, and owns its state without locks.</summary>
/// <remarks>It is a <see cref="SynchronizationContext"/>, so <c>await</c> comes back to the lane by itself.
/// Awaiting <em>leaves</em> the lane: other pieces may run before the continuation does.</remarks>
public abstract class Lane : SynchronizationContext
{
    /// <summary>Runs <paramref name="work"/> on the lane, after all that was posted before it.</summary>
    public void Post(Action work) => Post(static state => ((Action)state!)(), work);

    /// <summary>Runs <paramref name="work"/> on the lane and completes with its result.</summary>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => Complete(work, done));
        return done.Task;
    }

    /// <summary>Runs <paramref name="work"/> on the lane, its awaits included, and completes with its result.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => CompleteAsync(work, done));
        return done.Task;
    }

    /// <summary>Runs <paramref name="work"/> on the lane, its awaits included, and completes after it.</summary>
    public Task RunAsync(Func<Task> work) => RunAsync(async () =>
    {
        await work();
        return true;
    });

    private static void Complete<T>(Func<T> work, TaskCompletionSource<T> done)
    {
        try
        {
            done.SetResult(work());
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
            done.SetResult(await work());
        }
        catch (Exception fault)
        {
            done.SetException(fault);
        }
    }
}
