using Barnabas.Cluster;

namespace Barnabas.Groups;

/// <summary>The cluster as the group coordinator knows it at a moment.</summary>
/// <param name="State">Its topics, brokers and configs.</param>
/// <param name="Offset">The offset of the metadata it comes from.</param>
/// <param name="NewTopicsAt">The offset of the metadata when a topic was last seen to come: patterns that were matched
/// before have to be matched again.</param>
public sealed record ClusterView(ClusterState State, long Offset, long NewTopicsAt)
{
    /// <summary>Nothing is known.</summary>
    public static readonly ClusterView Empty = new(ClusterState.Empty, -1, -1);
}
