using Barnabas.Base;

namespace Barnabas.Keeper;

/// <summary>Where a cluster's metadata is kept, and who this node is.</summary>
/// <param name="Ensemble">The ensemble; its root is the cluster's own.</param>
/// <param name="Self">The node.</param>
public sealed record KeeperJournalSettings(KeeperSettings Ensemble, BrokerId Self)
{
    /// <summary>How long an ensemble is waited for at the start (<c>zookeeper.connection.timeout.ms</c>).</summary>
    public TimeSpan OpenTimeout { get; init; } = TimeSpan.FromSeconds(18);

    /// <summary>What to call the cluster where none is kept yet; null where none may begin.</summary>
    public string? NewClusterId { get; init; }

    /// <summary>The most bytes of records in one node of the ensemble: half of what a request may have.</summary>
    internal int ChunkBytes => Ensemble.MaxFrameBytes / 2;

    /// <summary>What is kept, cut so that each part fits into a node.</summary>
    internal List<ReadOnlyMemory<byte>> Chunks(ReadOnlyMemory<byte> content)
    {
        var chunks = new List<ReadOnlyMemory<byte>>();
        for (; content.Length > 0; content = content[chunks[^1].Length..])
            chunks.Add(content[..Math.Min(content.Length, ChunkBytes)]);
        return chunks;
    }
}
