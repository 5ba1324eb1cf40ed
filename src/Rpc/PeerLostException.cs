namespace Barnabas.Rpc;

/// <summary>The connection is gone, and with it the answer to a request.</summary>
public sealed class PeerLostException : IOException
{
    /// <summary>Tells why, and how far the request had come.</summary>
    /// <param name="message">What happened, with the peer's address.</param>
    /// <param name="timedOut">True when the answer was too late.</param>
    /// <param name="mayHaveArrived">True when the request may have reached the peer.</param>
    /// <param name="inner">The fault beneath; null when there is none.</param>
    public PeerLostException(string message, bool timedOut, bool mayHaveArrived, Exception? inner = null)
        : base(message, inner) => (TimedOut, MayHaveArrived) = (timedOut, mayHaveArrived);

    /// <summary>True when the answer was too late; the connection is closed then, for answers keep their
    /// order.</summary>
    public bool TimedOut { get; }

    /// <summary>True when the request may have reached the peer and been carried out; false when no byte of it
    /// left.</summary>
    public bool MayHaveArrived { get; }
}
