using System.Collections.Immutable;
using Barnabas.Keeper;

namespace Barnabas.SimKeeper;

/// <summary>A node of the simulated ensemble. Immutable.</summary>
internal sealed record TreeNode(ReadOnlyMemory<byte> Data, NodeKind Kind, IReadOnlyList<KeeperAcl> Acl)
{
    /// <summary>The names of its children.</summary>
    public ImmutableSortedSet<string> Children { get; init; } =
        ImmutableSortedSet<string>.Empty.WithComparer(StringComparer.Ordinal);

    /// <summary>How many children were ever made: what the next sequential one is numbered with.</summary>
    public int Made { get; init; }

    /// <summary>The numbers that are not derived from the rest.</summary>
    public NodeStat Numbers { get; init; }

    /// <summary>The time to live; zero for none.</summary>
    public TimeSpan Ttl { get; init; }

    /// <summary>What a client is told.</summary>
    public NodeStat Stat => Numbers with
    {
        DataLength = Data.Length,
        Children = Children.Count,
        ChildVersion = (2 * Made) - Children.Count,
    };
}
