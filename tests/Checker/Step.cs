namespace Barnabas.Tests.Checker;

/// <summary>What a step of an operation does.</summary>
public enum StepKind
{
    /// <summary>Sends a value to a key; its offset where the acknowledgement told it.</summary>
    Send,

    /// <summary>Reads a value of a key at an offset.</summary>
    Read,

    /// <summary>Commits an offset of a key for the group.</summary>
    Commit,

    /// <summary>Finds the offset of a key that the group has committed.</summary>
    Position,
}

/// <summary>One step of an operation.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Key">The partition, as a number: every history numbers its partitions from 0 on.</param>
/// <param name="Offset">The offset; <see cref="NoOffset"/> where it is not known, or nothing is committed.</param>
/// <param name="Value">What was sent or read: sent once in a history, to one key.</param>
public readonly record struct Step(StepKind Kind, int Key, long Offset, long Value = 0)
{
    /// <summary>No offset is known.</summary>
    public const long NoOffset = -1;

    /// <summary>The key that the payload itself names; the key it was read from where all is well.</summary>
    public int Home { get; init; } = Key;

    /// <summary>False when the payload's own checksum does not hold.</summary>
    public bool IsIntact { get; init; } = true;

    /// <summary>A send.</summary>
    public static Step Send(int key, long value, long offset = NoOffset) => new(StepKind.Send, key, offset, value);

    /// <summary>A value that was read.</summary>
    public static Step Read(int key, long value, long offset) => new(StepKind.Read, key, offset, value);

    /// <summary>A commit of the group's.</summary>
    public static Step Commit(int key, long offset) => new(StepKind.Commit, key, offset);

    /// <summary>Where the group stands.</summary>
    public static Step Position(int key, long offset) => new(StepKind.Position, key, offset);
}
