namespace Barnabas.Bench;

/// <summary>Work for a broker: threads that send, and count what is answered.</summary>
public interface ILoad : IDisposable
{
    /// <summary>What is counted; the meters of the first one's name tell the throughput.</summary>
    IReadOnlyList<Meter> Meters { get; }

    /// <summary>Adds the threads. The connections are open already; the window is set before the threads
    /// start.</summary>
    void Man(Crew crew);
}
