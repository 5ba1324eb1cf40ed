namespace Barnabas.Log;

/// <summary>Shows that a coordinator was asked about a transaction after it was last known here to be over
/// (KIP-890).</summary>
/// <remarks>Without it a batch that was late, or an answer that was, could open a transaction that nobody knows of and
/// nobody ends (KAFKA-14402).</remarks>
/// <param name="Number">Which question it was; unique in its log.</param>
public readonly record struct VerificationGuard(long Number)
{
    /// <summary>Nobody was asked: the transaction has to be open here already.</summary>
    public static VerificationGuard None { get; }

    /// <summary>Nobody needs to be asked: verification is switched off, or the writer is this node itself.</summary>
    public static VerificationGuard Waived { get; } = new(-1);
}
