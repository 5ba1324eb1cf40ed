namespace Barnabas.Transactions;

/// <summary>A partition that takes part in a transaction, by name: of a topic that is written to, or the one of
/// <c>__consumer_offsets</c> that keeps a group whose offsets are committed.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Index">The partition's number in it, from 0.</param>
public readonly record struct TransactionPartition(string Topic, int Index) : IComparable<TransactionPartition>
{
    /// <summary>Orders by name, ordinally, then by number.</summary>
    public int CompareTo(TransactionPartition other)
    {
        var byTopic = string.CompareOrdinal(Topic, other.Topic);
        return byTopic != 0 ? byTopic : Index.CompareTo(other.Index);
    }

    /// <summary>The form of directory names: <c>orders-0</c>.</summary>
    public override string ToString() => $"{Topic}-{Index}";
}
