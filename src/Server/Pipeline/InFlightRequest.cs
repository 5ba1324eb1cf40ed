using System.Runtime.ExceptionServices;
using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>Who is told how a request stands, on the lane of its connection.</summary>
internal interface IRequestWatcher
{
    /// <summary>The answer is there.</summary>
    void Completed(InFlightRequest request);

    /// <summary>The request waits no longer than until <see cref="InFlightRequest.ExpiresAt"/>.</summary>
    void Expires(InFlightRequest request);
}

/// <summary>A request that is being served, in its place among the answers to be sent. Owned by the
/// connection's lane.</summary>
public abstract class InFlightRequest
{
    private protected InFlightRequest()
    {
    }

    /// <summary>Its circumstances.</summary>
    internal abstract RequestContext Context { get; }

    /// <summary>Ends when the next request may be taken up; never to be awaited for its failure.</summary>
    internal abstract Task Accepted { get; }

    /// <summary>True when the answer is there.</summary>
    internal abstract bool IsCompleted { get; }

    /// <summary>Ends when the answer is there.</summary>
    internal abstract Task Completion { get; }

    /// <summary>When it waits no longer, as a timestamp of the host's clock; null where it waits for as long as it
    /// takes.</summary>
    internal virtual long? ExpiresAt => null;

    /// <summary>True when somebody watches it already.</summary>
    internal bool IsWatched { get; private set; }

    /// <summary>Has somebody told how it stands. To be called once, before <see cref="Completion"/>.</summary>
    internal void Watch(IRequestWatcher watcher)
    {
        IsWatched = true;
        BeWatched(watcher);
    }

    /// <summary>It has waited long enough, or nobody is there any more to be answered.</summary>
    internal virtual void Expire()
    {
    }

    /// <summary>The answer has been sent, or never will be: the request is not looked at any more.</summary>
    internal virtual void Retire()
    {
    }

    /// <summary>The answer, header included, as a frame that the caller disposes; null when there is none to
    /// be sent.</summary>
    /// <remarks>To be called once, after <see cref="Completion"/>; throws what the handler threw.</remarks>
    internal OutgoingFrame? Encode()
    {
        if (Answer() is not { } answer)
            return null;
        var context = Context;
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
            frame.Write(answer, AnswerVersion);
            written = true;
            return frame;
        }
        finally
        {
            if (!written)
                frame.Dispose();
        }
    }

    /// <summary>The version the answer is written in.</summary>
    private protected abstract short AnswerVersion { get; }

    /// <summary>True when the answer's header is v1.</summary>
    private protected abstract bool HasTaggedHeader { get; }

    /// <summary>The answer; throws what the handler threw.</summary>
    private protected abstract IMessage? Answer();

    /// <summary>Has somebody told how it stands.</summary>
    private protected abstract void BeWatched(IRequestWatcher watcher);

    /// <summary>It begins anew, as another request, and nobody watches it.</summary>
    private protected void Renew() => IsWatched = false;
}

/// <summary>A request whose handler has been called.</summary>
/// <param name="context">The request's circumstances.</param>
/// <param name="pending">What the handler gave.</param>
/// <param name="version">The version the answer is written in.</param>
internal sealed class InFlightRequest<TResponse>(
    RequestContext context, Pending<TResponse> pending, short version) : InFlightRequest
    where TResponse : class, IApiMessage<TResponse>
{
    internal override RequestContext Context => context;

    internal override Task Accepted => pending.Accepted;

    internal override bool IsCompleted => Completion.IsCompleted;

    internal override Task Completion => pending.Answer ?? Task.CompletedTask;

    private protected override short AnswerVersion => version;

    // The answer to ApiVersions goes without: its reader does not know yet what we speak.
    private protected override bool HasTaggedHeader { get; } =
        TResponse.ApiKey != ApiKey.ApiVersions && TResponse.IsFlexible(version);

    private protected override IMessage? Answer() =>
        pending.Answer is { } answer ? answer.GetAwaiter().GetResult() : pending.Ready;

    // On the lane that watches. Not lost sight of: the connection waits for every request's end.
    private protected override void BeWatched(IRequestWatcher watcher) =>
        Completion.GetAwaiter().UnsafeOnCompleted(() => watcher.Completed(this));
}

/// <summary>A request whose handler failed before it gave anything.</summary>
internal sealed class FailedRequest(RequestContext context, Exception fault) : InFlightRequest
{
    internal override RequestContext Context => context;

    internal override Task Accepted => Task.CompletedTask;

    internal override bool IsCompleted => true;

    internal override Task Completion => Task.CompletedTask;

    private protected override short AnswerVersion => 0;

    private protected override bool HasTaggedHeader => false;

    private protected override IMessage? Answer()
    {
        ExceptionDispatchInfo.Throw(fault);
        return null;
    }

    private protected override void BeWatched(IRequestWatcher watcher) => watcher.Completed(this);
}
