namespace Barnabas.Base.Real;

/// <summary>A few threads for work that blocks, started as they are needed and then kept; idle they cost no
/// wake-up.</summary>
/// <remarks>Work beyond the number of threads waits its turn, first come first served. Safe to use from any
/// lane.</remarks>
#pragma warning disable RS0030 // Threads are what this class is about.
internal sealed class WorkThreads(string name, int most)
{
    private const int StackSize = 512 * 1024;
    private readonly Queue<Action> _work = new();
    private int _threads;
    private int _idle;

    /// <summary>Runs <paramref name="work"/> on one of the threads; what it throws, the task
    /// carries.</summary>
    internal Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception fault)
            {
                done.SetException(fault);
            }
        });
        return done.Task;
    }

    private void Add(Action work)
    {
        lock (_work)
        {
            _work.Enqueue(work);
            if (_work.Count <= _idle || _threads == most)
            {
                Monitor.Pulse(_work);
                return;
            }

            _threads++;
        }

        new Thread(Run, StackSize) { IsBackground = true, Name = name }.Start();
    }

    private void Run()
    {
        while (true)
        {
            Action work;
            lock (_work)
            {
                _idle++;
                while (_work.Count == 0)
                    Monitor.Wait(_work);
                _idle--;
                work = _work.Dequeue();
            }

            work();
        }
    }
}
#pragma warning restore RS0030
