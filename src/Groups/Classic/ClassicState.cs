namespace Barnabas.Groups.Classic;

/// <summary>What a classic group is doing.</summary>
public enum ClassicState
{
    /// <summary>It has no members.</summary>
    Empty,

    /// <summary>It waits for its members to join again.</summary>
    PreparingRebalance,

    /// <summary>All have joined, and it waits for the leader's assignment.</summary>
    CompletingRebalance,

    /// <summary>Every member has its share.</summary>
    Stable,
}
