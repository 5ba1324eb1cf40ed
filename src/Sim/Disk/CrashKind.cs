namespace Barnabas.Sim;

/// <summary>What becomes, in a crash, of bytes that were written and not synced.</summary>
public enum CrashKind
{
    /// <summary>The process ends and the machine goes on: all of them are there, and still not synced.</summary>
    KeepsAll,

    /// <summary>The power goes before anything was written back: none is there.</summary>
    LosesAll,

    /// <summary>The power goes in the middle: some sectors are there, the others are as they were before, or
    /// zeros.</summary>
    Tears,
}
