using Barnabas.Metrics;

namespace Barnabas.Replication;

/// <summary>What brokers do among themselves to keep replicas alike. Safe from any lane.</summary>
public sealed class ReplicationTraffic
{
    /// <summary>Bytes of batches fetched from leaders and appended.</summary>
    public Counter BytesIn { get; } = new();

    /// <summary>Bytes of batches given to followers.</summary>
    public Counter BytesOut { get; } = new();

    /// <summary>Followers that came to be in sync with a partition led here.</summary>
    public Counter IsrExpands { get; } = new();

    /// <summary>Followers of a partition led here that are in sync no longer, by the word of this leader.</summary>
    public Counter IsrShrinks { get; } = new();

    /// <summary>Proposals that the controller refused.</summary>
    public Counter FailedIsrUpdates { get; } = new();
}
