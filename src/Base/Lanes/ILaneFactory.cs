namespace Barnabas.Base;

/// <summary>Makes lanes, and runs what would block one elsewhere.</summary>
public interface ILaneFactory
{
    /// <summary>A new lane; <paramref name="name"/> appears in traces.</summary>
    Lane NewLane(string name);

    /// <summary>Runs work that blocks or computes for long (fsync, recovery, codecs of large batches) off
    /// every lane, on threads kept for that.</summary>
    Task<T> RunBlockingAsync<T>(Func<T> work);
}
