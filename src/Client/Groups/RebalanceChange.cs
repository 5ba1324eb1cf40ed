using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Partitions that a member of a group gets or gives up.</summary>
/// <param name="Kind">Which of these.</param>
/// <param name="Partitions">The partitions, in order; not empty.</param>
public sealed record RebalanceChange(RebalanceKind Kind, IReadOnlyList<TopicPartition> Partitions);

/// <summary>What becomes of partitions.</summary>
public enum RebalanceKind
{
    /// <summary>The member reads them from now on.</summary>
    Assigned,

    /// <summary>The member gives them up; what it is done with has been committed, and it may still commit.</summary>
    Revoked,

    /// <summary>The member was taken for dead: they may be others' by now, and it cannot commit.</summary>
    Lost,
}
