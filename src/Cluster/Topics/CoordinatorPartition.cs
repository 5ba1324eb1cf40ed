namespace Barnabas.Cluster;

/// <summary>Where a coordinator's topic keeps what belongs to a key: a group's id, a transactional id.</summary>
public static class CoordinatorPartition
{
    /// <summary>The number of a key's partition in a topic of that many.</summary>
    public static int Of(string key, int partitions)
    {
        // Java's String.hashCode.
        var hash = 0;
        foreach (var c in key)
            hash = unchecked((31 * hash) + c);
        return hash == int.MinValue ? 0 : Math.Abs(hash) % partitions;
    }
}
