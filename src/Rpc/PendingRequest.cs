using System.Diagnostics.CodeAnalysis;
using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Rpc;

/// <summary>A request on its way, until it is answered or its connection is lost. Owned by the peer's lane.</summary>
/// <remarks>It completes only when the socket has let go of its bytes <em>and</em> the answer is there (or the
/// connection is closed), so that whoever owns memory behind the frame may reuse it then and no earlier.</remarks>
internal abstract class PendingRequest(OutgoingFrame frame, int correlationId, long deadline)
{
    private bool _answered;

    /// <summary>The bytes to send, without their length.</summary>
    public OutgoingFrame Frame { get; } = frame;

    /// <summary>What the answer will carry.</summary>
    public int CorrelationId { get; } = correlationId;

    /// <summary>When waiting ends, as a timestamp of the host's clock.</summary>
    public long Deadline { get; } = deadline;

    /// <summary>True once a byte may have left.</summary>
    public bool Started { get; set; }

    /// <summary>True once the socket is done with the bytes.</summary>
    public bool IsSent { get; private set; }

    /// <summary>True when the answer's frame is to come from the pool.</summary>
    public abstract bool Leases { get; }

    /// <summary>False for the one request that is never answered: Produce with acks=0.</summary>
    public abstract bool IsAnswered { get; }

    /// <summary>The socket is done with the bytes.</summary>
    public void Sent()
    {
        IsSent = true;
        Frame.Dispose();
        if (_answered || !IsAnswered)
            Complete();
    }

    /// <summary>The answer is there; takes over the frame.</summary>
    /// <exception cref="MalformedFrameException">It is no such answer.</exception>
    public void Answer(FrameBuffer answer)
    {
        Read(answer);
        _answered = true;
        if (IsSent)
            Complete();
    }

    /// <summary>The connection is closed and the socket done with the bytes; an answer that came before
    /// counts.</summary>
    public void Lost(PeerLostException fault)
    {
        Frame.Dispose();
        if (_answered)
        {
            Complete();
            return;
        }

        Fail(new PeerLostException(fault.Message, fault.TimedOut, Started, fault.InnerException));
    }

    /// <summary>Decodes the answer and keeps it.</summary>
    protected abstract void Read(FrameBuffer answer);

    /// <summary>Hands the answer over.</summary>
    protected abstract void Complete();

    /// <summary>Hands the fault over.</summary>
    protected abstract void Fail(PeerLostException fault);
}

/// <summary>Decodes the body of an answer.</summary>
internal delegate TResponse ReadAnswer<TResponse>(ref WireReader reader, short version);

/// <summary>A request whose answer owns its memory.</summary>
internal sealed class PendingRequest<TResponse>(
    OutgoingFrame frame, int correlationId, long deadline, short version, ReadAnswer<TResponse> read)
    : PendingRequest(frame, correlationId, deadline)
    where TResponse : IApiMessage<TResponse>
{
    private readonly TaskCompletionSource<TResponse> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TResponse? _answer;

    public Task<TResponse> Task => _done.Task;

    public override bool Leases => false;

    public override bool IsAnswered => true;

    protected override void Read(FrameBuffer answer) =>
        _answer = AnswerReader.Read(answer.Memory, version, read);

    protected override void Complete() => _done.TrySetResult(_answer!);

    protected override void Fail(PeerLostException fault) => _done.TrySetException(fault);
}

/// <summary>A request whose answer aliases a pooled frame.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The answer goes to the caller, who disposes it.")]
internal sealed class LeasedRequest<TResponse>(OutgoingFrame frame, int correlationId, long deadline, short version)
    : PendingRequest(frame, correlationId, deadline)
    where TResponse : IApiMessage<TResponse>
{
    private readonly TaskCompletionSource<Leased<TResponse>> _done =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Leased<TResponse>? _answer;

    public Task<Leased<TResponse>> Task => _done.Task;

    public override bool Leases => true;

    public override bool IsAnswered => true;

    protected override void Read(FrameBuffer answer) =>
        _answer = new(AnswerReader.Read<TResponse>(answer.Memory, version, TResponse.Read), answer);

    protected override void Complete() => _done.TrySetResult(_answer!);

    protected override void Fail(PeerLostException fault) => _done.TrySetException(fault);
}

/// <summary>A request that is done when it has been sent.</summary>
internal sealed class OneWayRequest(OutgoingFrame frame, int correlationId, long deadline)
    : PendingRequest(frame, correlationId, deadline)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Task => _done.Task;

    public override bool Leases => false;

    public override bool IsAnswered => false;

    protected override void Read(FrameBuffer answer) => Invariant.Holds(false, "a one-way request has no answer");

    protected override void Complete() => _done.TrySetResult();

    protected override void Fail(PeerLostException fault) => _done.TrySetException(fault);
}

/// <summary>Decodes what follows the correlation id: the rest of the header and the body.</summary>
internal static class AnswerReader
{
    public static TResponse Read<TResponse>(
        ReadOnlyMemory<byte> bytes, short version, ReadAnswer<TResponse> read)
        where TResponse : IApiMessage<TResponse>
    {
        var reader = new WireReader(bytes);
        // ApiVersions answers with the oldest header: its reader cannot know yet what the peer speaks.
        if (TResponse.IsFlexible(version) && TResponse.ApiKey != ApiKey.ApiVersions)
            SkipTags(ref reader);
        // Bytes behind the body are let pass, as all clients do: some brokers pad what they answer.
        return read(ref reader, version);
    }

    private static void SkipTags(ref WireReader reader)
    {
        var last = -1;
        for (var count = reader.ReadTagCount(); count > 0; count--)
            reader.ReadUntil(reader.BeginTag(ref last).End);
    }
}
