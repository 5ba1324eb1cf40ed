using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>Reads the body of an answer.</summary>
internal delegate T ReadBody<T>(ref JuteReader r);

/// <summary>A request that waits for its answer.</summary>
internal abstract class PendingRequest(int xid, ReadOnlyMemory<byte> frame)
{
    /// <summary>The number that its answer bears.</summary>
    public int Xid => xid;

    /// <summary>The bytes, length and header in front.</summary>
    public ReadOnlyMemory<byte> Frame => frame;

    /// <summary>When it was sent, as a timestamp of the clock.</summary>
    public long SentAt { get; set; }

    /// <summary>The answer has come.</summary>
    /// <exception cref="MalformedFrameException">It cannot be read.</exception>
    public abstract void Answer(KeeperError error, ref JuteReader body);

    /// <summary>No answer comes any more.</summary>
    public abstract void Fail(KeeperError error);
}

/// <summary>A request whose answer has a body.</summary>
/// <param name="xid">Its number.</param>
/// <param name="frame">Its bytes.</param>
/// <param name="read">Reads the body.</param>
/// <param name="answered">Told of the answer before whoever waits for it is; null for nobody.</param>
internal sealed class PendingRequest<T>(
    int xid, ReadOnlyMemory<byte> frame, ReadBody<T> read, Action<KeeperAnswer<T>>? answered)
    : PendingRequest(xid, frame)
{
    private readonly TaskCompletionSource<KeeperAnswer<T>> _done = new();

    public Task<KeeperAnswer<T>> Task => _done.Task;

    public override void Answer(KeeperError error, ref JuteReader body) =>
        End(new(error, error == KeeperError.None ? read(ref body) : default!));

    public override void Fail(KeeperError error) => End(new(error, default!));

    // Off the lane, or what awaits the answer on it would go on within whoever reads the connection.
    private void End(KeeperAnswer<T> answer)
    {
        answered?.Invoke(answer);
        var lane = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        _done.SetResult(answer);
        SynchronizationContext.SetSynchronizationContext(lane);
    }
}
