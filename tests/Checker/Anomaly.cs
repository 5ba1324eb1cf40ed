namespace Barnabas.Tests.Checker;

/// <summary>What can be wrong with a history. The names of most are those of Jepsen's workload for Kafka.</summary>
public enum Anomaly
{
    /// <summary>An offset of a key has more than one value.</summary>
    InconsistentOffsets,

    /// <summary>A value stands at more than one offset of its key.</summary>
    Duplicate,

    /// <summary>G1a: a successful operation read what an aborted transaction wrote.</summary>
    AbortedRead,

    /// <summary>A value was read whose send was refused for good: the error was not as definite as it said.</summary>
    DefiniteError,

    /// <summary>An operation read what it had written itself: before the commit.</summary>
    PrecommittedRead,

    /// <summary>A value that was committed was never read, though later ones were.</summary>
    LostWrite,

    /// <summary>Everything was read to the end, and a value that was committed was not there.</summary>
    Unseen,

    /// <summary>A part of a transaction was read, and another part can be read no more.</summary>
    TornTransaction,

    /// <summary>From one poll to the next, a reader left values out.</summary>
    PollSkip,

    /// <summary>From one poll to the next, a reader went back.</summary>
    NonmonotonicPoll,

    /// <summary>Within an operation, a reader left values out.</summary>
    InternalPollSkip,

    /// <summary>Within an operation, a reader went back.</summary>
    InternalNonmonotonicPoll,

    /// <summary>What a client sent later stands before what it sent earlier.</summary>
    NonmonotonicSend,

    /// <summary>Within an operation, what was sent later stands before what was sent earlier.</summary>
    InternalNonmonotonicSend,

    /// <summary>Between two sends of an operation another client's value stands.</summary>
    InternalSendSkip,

    /// <summary>In the log of a key, the values of a client are in another order than it sent them in.</summary>
    Order,

    /// <summary>G0: operations wrote over each other in a circle.</summary>
    WriteCycle,

    /// <summary>G0 where the order of each client's operations closes the circle.</summary>
    WriteCycleOfProcess,

    /// <summary>G0 where time closes the circle: one operation ended before the other began.</summary>
    WriteCycleOfTime,

    /// <summary>G1c: operations read from each other in a circle.</summary>
    ReadCycle,

    /// <summary>G1c where the order of each client's operations closes the circle.</summary>
    ReadCycleOfProcess,

    /// <summary>G1c where time closes the circle: a value was read before it was sent.</summary>
    ReadCycleOfTime,

    /// <summary>A subscriber's transactions consumed a value more than once.</summary>
    ConsumedTwice,

    /// <summary>After an abort, a client did not go back to where the transaction had begun to read.</summary>
    AbortPosition,

    /// <summary>The group stood behind what it had committed.</summary>
    LostCommit,

    /// <summary>The group stood beyond all that anybody had tried to commit.</summary>
    InventedCommit,

    /// <summary>What was still being worked on was committed already.</summary>
    CommittedTooFar,

    /// <summary>A value was read from another key than it had been sent to.</summary>
    WrongTopic,

    /// <summary>A value came damaged.</summary>
    DamagedValue,
}

/// <summary>What to think of an anomaly.</summary>
public static class Verdicts
{
    /// <summary>True when Kafka's guarantees allow it: there is no isolation of writers from each other.</summary>
    public static bool IsAllowed(this Anomaly anomaly) => anomaly is Anomaly.InternalSendSkip
        or Anomaly.WriteCycle or Anomaly.WriteCycleOfProcess or Anomaly.WriteCycleOfTime;
}
