namespace Barnabas.Tests.Checker;

/// <summary>What a client did, from its begin to its end: a send, a poll, or a transaction of both.</summary>
/// <param name="Process">The client. It does one thing at a time; one that was begun anew after a crash is
/// another.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Began">When, on a clock that all clients share; in ticks of any length.</param>
/// <param name="Ended">When, on the same clock.</param>
/// <param name="Steps">What it did, in order. What it read it has read, whatever became of the operation.</param>
public sealed record Operation(int Process, Outcome Outcome, long Began, long Ended, IReadOnlyList<Step> Steps)
{
    /// <summary>True when its sends and its offsets are one transaction.</summary>
    public bool IsTransaction { get; init; }

    /// <summary>From this operation on the client reads these keys; null where it changes nothing of that. What it
    /// goes on reading it reads on from where it was.</summary>
    public IReadOnlyList<int>? Assigns { get; init; }

    /// <summary>True when <see cref="Assigns"/> is a subscription: the group says which of the keys it gets, and may
    /// take them away at any time.</summary>
    public bool IsSubscription { get; init; }

    /// <summary>Keys that came or went while it ran.</summary>
    public IReadOnlyList<int> Rebalanced { get; init; } = [];
}
