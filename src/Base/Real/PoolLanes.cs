namespace Barnabas.Base.Real;

/// <summary>Lanes that share the thread pool, and threads of their own for work that blocks.</summary>
public sealed class PoolLanes : ILaneFactory
{
    // Mostly they wait for disks.
    private const int FewestWorkers = 8;
    private readonly WorkThreads _workers = new("work", Math.Max(FewestWorkers, 2 * Environment.ProcessorCount));

    /// <inheritdoc/>
    public Lane NewLane(string name) => new PoolLane(name);

    /// <inheritdoc/>
    public Task<T> RunBlockingAsync<T>(Func<T> work) => _workers.RunAsync(work);
}
