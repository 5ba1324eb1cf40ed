using Barnabas.Base;

namespace Barnabas.Server;

/// <summary>The bytes of a request, in pooled memory that is counted: it goes back to the pool when the
/// connection and all who retained it have released it.</summary>
/// <remarks>Counting is safe from any lane. The bytes are not to be looked at after one's own
/// release.</remarks>
public sealed class RequestFrame
{
    private readonly RequestMemory _memory;
    private byte[] _bytes = [];
    private int _holders = 1;

    internal RequestFrame(RequestMemory memory) => _memory = memory;

    /// <summary>How many bytes the request has, its header included.</summary>
    public int Length { get; internal set; }

    /// <summary>When its last byte came, as a timestamp of the host's clock.</summary>
    internal long ArrivedAt { get; set; }

    /// <summary>The request: header and body.</summary>
    public ReadOnlyMemory<byte> Memory => Room[..Length];

    /// <summary>All of the memory, also what no byte has arrived for.</summary>
    internal Memory<byte> Room
    {
        get
        {
            Invariant.Holds(Volatile.Read(ref _holders) > 0, "a frame is not used after its release");
            return _bytes;
        }
    }

    /// <summary>True for the frame that was let in beyond the limit of all frames' memory.</summary>
    internal bool Overdrawn { get; set; }

    /// <summary>Keeps the bytes for another holder.</summary>
    public void Retain()
    {
        var holders = Interlocked.Increment(ref _holders);
        Invariant.Holds(holders > 1, "a frame is not retained after its release");
    }

    /// <summary>Lets go of the bytes; the last to do so gives them back.</summary>
    public void Release()
    {
        var left = Interlocked.Decrement(ref _holders);
        Invariant.Holds(left >= 0, "a frame is released once a holder");
        if (left == 0)
            _memory.Return(this, Interlocked.Exchange(ref _bytes, []));
    }

    /// <summary>Moves the bytes to a larger room; for the connection that still receives them.</summary>
    /// <returns>The room they were in.</returns>
    internal byte[] Move(byte[] room)
    {
        var before = _bytes;
        before.CopyTo(room, 0);
        _bytes = room;
        return before;
    }
}
