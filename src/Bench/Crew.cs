using Barnabas.Wire;

namespace Barnabas.Bench;

/// <summary>The threads of a load. What one fails with ends the work of all.</summary>
/// <param name="window">The run, which is stopped then.</param>
public sealed class Crew(RunWindow window)
{
    private const int StackSize = 256 * 1024;
    private readonly List<Thread> _threads = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = 1;
    private Exception? _fault;

    /// <summary>Completes when all threads have ended; fails with what the first one failed with.</summary>
    public Task Done => _done.Task;

    /// <summary>Adds a thread, which starts with the others.</summary>
    public void Add(string name, Action work)
    {
        _left++;
        _threads.Add(new Thread(() => Run(work), StackSize) { Name = name, IsBackground = true });
    }

    /// <summary>Starts all threads.</summary>
    public void Start()
    {
        foreach (var thread in _threads)
            thread.Start();
        Ended();
    }

    private void Run(Action work)
    {
        try
        {
            work();
        }
        catch (Exception fault) when (fault is IOException or MalformedFrameException or LoadException)
        {
            Interlocked.CompareExchange(ref _fault, fault, null);
            window.Stop();
        }

        Ended();
    }

    private void Ended()
    {
        if (Interlocked.Decrement(ref _left) > 0)
            return;
        if (_fault is { } fault)
            _done.SetException(fault);
        else
            _done.SetResult();
    }
}
