using Barnabas.Replication;

namespace Barnabas.Server.Apis.Fetch;

/// <summary>Who waits with a poll of a session. Safe from any lane.</summary>
/// <remarks>Apart from the session: a watch that outlives it in a partition holds this and no more.</remarks>
/// <param name="closed">Cancelled when the session's connection is.</param>
internal sealed class SessionPoll(CancellationToken closed)
{
    private Waiter? _waiting;
    private volatile bool _hasEnded;

    /// <summary>True once nobody waits, or will.</summary>
    public bool IsOver => closed.IsCancellationRequested || (_hasEnded && Volatile.Read(ref _waiting) is null);

    /// <summary>The client has begun another session, or goes on without.</summary>
    public void EndSession() => _hasEnded = true;

    /// <summary>Has somebody who waits woken when a watched partition moves.</summary>
    /// <returns>False where somebody waits already, or the session has ended: a client that asked for more before it
    /// was answered.</returns>
    public bool TryBegin(Waiter waiter) =>
        !_hasEnded && Interlocked.CompareExchange(ref _waiting, waiter, null) is null;

    /// <summary>The wait is over.</summary>
    public void End(Waiter waiter) => Interlocked.CompareExchange(ref _waiting, null, waiter);

    /// <summary>A watched partition has moved.</summary>
    public void Wake() => Volatile.Read(ref _waiting)?.Wake();
}
