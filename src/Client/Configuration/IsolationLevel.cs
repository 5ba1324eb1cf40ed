namespace Barnabas.Client;

/// <summary>Which records of transactions a reader sees (KIP-98).</summary>
public enum IsolationLevel
{
    /// <summary>All, also those of transactions that are open or aborted.</summary>
    ReadUncommitted = 0,

    /// <summary>Only those of committed transactions, and none behind the first open one.</summary>
    ReadCommitted = 1,
}
