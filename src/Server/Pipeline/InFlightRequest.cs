using System.Runtime.ExceptionServices;
using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>A request that is being served, in its place among the answers to be sent. Owned by the
/// connection's lane.</summary>
/// <param name="context">The request's circumstances.</param>
/// <param name="version">The version the answer is written in.</param>
internal abstract class InFlightRequest(RequestContext context, short version)
{
    internal RequestContext Context => context;

    /// <summary>True when somebody waits for <see cref="Completion"/> already.</summary>
    internal bool IsWatched { get; set; }

    /// <summary>Ends when the next request may be taken up; never to be awaited for its failure.</summary>
    internal abstract Task Accepted { get; }

    /// <summary>Ends when the answer is there.</summary>
    internal abstract Task Completion { get; }

    /// <summary>The answer, header included, as a frame that the caller disposes; null when there is none to
    /// be sent.</summary>
    /// <remarks>To be called once, after <see cref="Completion"/>; throws what the handler threw.</remarks>
    internal OutgoingFrame? Encode()
    {
        if (Answer() is not { } answer)
            return null;
        (answer as IErrorCounted)?.CountErrors(RequestSpans.TallyOf(context));
        if (context.ThrottleTime > TimeSpan.Zero && answer is IThrottled throttled)
            throttled.ThrottleTimeMs = context.ThrottleTimeMs;
        var frame = SpareFrames.Take();
        var written = false;
        try
        {
            var writer = new WireWriter(frame);
            writer.WriteInt32(context.CorrelationId);
            if (HasTaggedHeader)
                writer.WriteUVarInt(0);
            writer.Flush();
            frame.Write(answer, version);
            written = true;
            return frame;
        }
        finally
        {
            if (!written)
                frame.Dispose();
        }
    }

    /// <summary>True when the answer's header is v1.</summary>
    protected abstract bool HasTaggedHeader { get; }

    /// <summary>The answer; throws what the handler threw.</summary>
    protected abstract IMessage? Answer();
}

/// <summary>A request whose handler has been called.</summary>
internal sealed class InFlightRequest<TResponse>(
    RequestContext context, Pending<TResponse> pending, short version)
    : InFlightRequest(context, version)
    where TResponse : class, IApiMessage<TResponse>
{
    internal override Task Accepted => pending.Accepted;

    internal override Task Completion => pending.Answer ?? Task.CompletedTask;

    // The answer to ApiVersions goes without: its reader does not know yet what we speak.
    protected override bool HasTaggedHeader { get; } =
        TResponse.ApiKey != ApiKey.ApiVersions && TResponse.IsFlexible(version);

    protected override IMessage? Answer() =>
        pending.Answer is { } answer ? answer.GetAwaiter().GetResult() : pending.Ready;
}

/// <summary>A request whose handler failed before it gave anything.</summary>
internal sealed class FailedRequest(RequestContext context, Exception fault) : InFlightRequest(context, 0)
{
    internal override Task Accepted => Task.CompletedTask;

    internal override Task Completion => Task.CompletedTask;

    protected override bool HasTaggedHeader => false;

    protected override IMessage? Answer()
    {
        ExceptionDispatchInfo.Throw(fault);
        return null;
    }
}
