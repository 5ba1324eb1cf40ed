using System.Runtime.ExceptionServices;
using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>A request, whoever serves it and the answer in one object, which serves another request after that: for
/// APIs that are asked so often that nothing is to be allocated for it.</summary>
/// <remarks>All but the completion of what it waits for happens on the connection's lane.</remarks>
/// <typeparam name="TRequest">The request.</typeparam>
/// <typeparam name="TResponse">Its answer.</typeparam>
public abstract class Exchange<TRequest, TResponse> : InFlightRequest
    where TRequest : IRequest<TRequest, TResponse>, IRefilled, new()
    where TResponse : class, IApiMessage<TResponse>
{
    private RequestContext? _context;
    private IRequestWatcher? _watcher;
    private TaskCompletionSource? _completion;
    private Task _accepted = Task.CompletedTask;
    private Exception? _fault;
    private long? _expiresAt;
    private bool _isCompleted;

    /// <summary>What is asked. Bytes in it alias the frame.</summary>
    protected TRequest Request { get; } = new();

    /// <summary>Who asks, and in which version.</summary>
    internal sealed override RequestContext Context => _context!;

    internal sealed override Task Accepted => _accepted;

    internal sealed override bool IsCompleted => _isCompleted;

    // On the lane later: who awaits it looks at the requests, and so does who has this one expire.
    internal sealed override Task Completion => _isCompleted
        ? Task.CompletedTask
        : (_completion ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    internal sealed override long? ExpiresAt => _expiresAt;

    private protected sealed override short AnswerVersion => Context.Version;

    private protected sealed override bool HasTaggedHeader => TResponse.IsFlexible(Context.Version);

    /// <summary>Reads a request and begins to serve it.</summary>
    internal void Begin(RequestContext context, ref WireReader body)
    {
        Renew();
        (_context, _watcher, _completion, _accepted) = (context, null, null, Task.CompletedTask);
        (_fault, _expiresAt, _isCompleted) = (null, null, false);
        Request.Refill(ref body, context.Version);
        Serve();
    }

    /// <summary>Begins to serve the request; must not block.</summary>
    /// <exception cref="MalformedFrameException">The request cannot be meant: the connection is closed.</exception>
    private protected abstract void Serve();

    /// <summary>The connection takes up its next request only after this.</summary>
    private protected void AcceptAfter(Task accepted) => _accepted = accepted;

    /// <summary>The request expires where its answer is not there in time.</summary>
    private protected void ExpireAfter(TimeSpan patience, TimeProvider time)
    {
        _expiresAt = time.GetTimestamp() + (long)(patience.TotalSeconds * time.TimestampFrequency);
        _watcher?.Expires(this);
    }

    /// <summary>The answer is there.</summary>
    private protected void Complete()
    {
        Invariant.Holds(!_isCompleted, "an exchange ends once");
        _isCompleted = true;
        _watcher?.Completed(this);
        _completion?.SetResult();
    }

    /// <summary>There will be no answer: it costs the client its connection.</summary>
    private protected void Fail(Exception fault)
    {
        _fault = fault;
        Complete();
    }

    /// <summary>The answer, or null for a request that gets none.</summary>
    private protected abstract TResponse? Assemble();

    private protected sealed override IMessage? Answer()
    {
        if (_fault is { } fault)
            ExceptionDispatchInfo.Throw(fault);
        return Assemble();
    }

    private protected sealed override void BeWatched(IRequestWatcher watcher)
    {
        _watcher = watcher;
        if (_expiresAt is not null)
            watcher.Expires(this);
    }
}

/// <summary>Serves one API by exchanges. One file each in <c>Apis</c>.</summary>
/// <typeparam name="TRequest">The request.</typeparam>
/// <typeparam name="TResponse">Its answer.</typeparam>
public interface IExchangeHandler<TRequest, TResponse>
    where TRequest : IRequest<TRequest, TResponse>, IRefilled, new()
    where TResponse : class, IApiMessage<TResponse>
{
    /// <summary>An exchange that is under way nowhere.</summary>
    Exchange<TRequest, TResponse> Take();
}
