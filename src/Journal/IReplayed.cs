namespace Barnabas.Journal;

/// <summary>An immutable state that is nothing but its records, applied in order.</summary>
/// <typeparam name="TSelf">The state itself.</typeparam>
/// <typeparam name="TRecord">What it is made of.</typeparam>
public interface IReplayed<TSelf, TRecord>
    where TSelf : IReplayed<TSelf, TRecord>
{
    /// <summary>The state before the first record.</summary>
    static abstract TSelf Empty { get; }

    /// <summary>The state after <paramref name="record"/>. Total: a committed record always applies.</summary>
    TSelf Apply(TRecord record);

    /// <summary>The state after all the records, in order: what applying them one by one gives, sooner where the state
    /// knows how.</summary>
    TSelf Apply(IReadOnlyList<TRecord> records);
}
