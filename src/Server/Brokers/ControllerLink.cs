using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Journal;
using Barnabas.Replication;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Brokers;

/// <summary>The way to the controller: this node where it leads the metadata, else the one that does.</summary>
/// <remarks>From any lane.</remarks>
/// <param name="time">The clock.</param>
/// <param name="machine">The cluster's state as it is here.</param>
/// <param name="quorum">Who leads.</param>
/// <param name="brokers">The way to the other brokers.</param>
/// <param name="patience"><c>controller.socket.timeout.ms</c>: how long an answer may take.</param>
public sealed class ControllerLink(
    TimeProvider time, Machine<ClusterState, ITypedRecord> machine, Func<QuorumView> quorum, BrokerLinks brokers,
    TimeSpan patience)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private volatile bool _isClosed;

    /// <summary>True where this node is the controller, as far as it knows.</summary>
    public bool IsHere => quorum().Leader == brokers.Self;

    /// <summary>The controller, as far as this node knows; none while there is none.</summary>
    public BrokerId Leader => quorum().Leader;

    /// <summary>Nobody waits for a controller from now on.</summary>
    public void Close() => _isClosed = true;

    /// <summary>Has the controller decide on a request of this broker.</summary>
    /// <param name="request">The request.</param>
    /// <param name="decide">The decision, where the controller is here; pure.</param>
    /// <param name="refuse">The answer where there is no controller, or it cannot be reached: NOT_CONTROLLER. What
    /// became of the request is then not known.</param>
    public async Task<TResponse> AskAsync<TRequest, TResponse>(
        IRequest<TRequest, TResponse> request, Func<ClusterState, Decision<TResponse, ITypedRecord>> decide,
        Func<ErrorCode, TResponse> refuse)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        if (IsHere)
            return await machine.CommandAsync(decide, () => refuse(ErrorCode.NotController));
        var (isAnswered, answer) = await SendAsync(request);
        return isAnswered ? answer! : refuse(ErrorCode.NotController);
    }

    /// <summary>Has the controller answer a client's request: here, or in an envelope (KIP-590).</summary>
    /// <remarks>While there is no controller, or it cannot be reached, or is one no longer, it is asked again and
    /// again, as long as the request may take: clients do not see that it moves. What was passed on and not answered
    /// may have been done. Whoever passed a request on to this node asks again itself.</remarks>
    /// <param name="context">Whose request it is.</param>
    /// <param name="request">The request, or what the controller has to decide of it.</param>
    /// <param name="here">Has this node answer. Where it is not the controller, it says NOT_CONTROLLER.</param>
    public async Task<TResponse?> AnswerAsync<TRequest, TResponse>(
        RequestContext context, IRequest<TRequest, TResponse> request, Func<Task<TResponse?>> here)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse>
    {
        var (begun, limit) = (time.GetTimestamp(), ControllerSearch.LimitOf(request));
        while (true)
        {
            var isOurs = IsHere || context.IsForwarded;
            var answer = (isOurs ? null : await ForwardAsync(context, request)) ?? await here();
            if (context.IsForwarded || !ControllerSearch.IsFromOther(answer) || _isClosed
                || time.GetElapsedTime(begun) >= limit || context.Connection.Closed.IsCancellationRequested)
            {
                return answer;
            }

            using var pause = new Waiter(time, Pause);
            await pause.Woken;
        }
    }

    /// <summary>Has a controller on another node create topics for this broker.</summary>
    /// <returns>Null where there is no controller that could be reached.</returns>
    public async Task<CreateTopicsResponse?> CreateAsync(CreateTopicsRequest request) =>
        (await SendAsync(request)).Answer;

    /// <summary>Passes a client's request on to the controller.</summary>
    /// <returns>The controller's answer; null where there is no controller that could be reached. What became of the
    /// request is then not known.</returns>
    private async Task<TResponse?> ForwardAsync<TRequest, TResponse>(
        RequestContext context, IRequest<TRequest, TResponse> request)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse>
    {
        var envelope = new EnvelopeRequest
        {
            RequestData = Encode(context, (TRequest)request),
            RequestPrincipal = HeadedMessage.Write(
                new DefaultPrincipalData { Type = "User", Name = context.Connection.User }, 0),
            ClientHostAddress = context.Connection.Remote.Address.GetAddressBytes(),
        };
        return await SendAsync(envelope) is (true, { ErrorCode: ErrorCode.None, ResponseData: { } data })
            ? Read<TResponse>(data, context)
            : null;
    }

    /// <summary>Sends to a controller on another node, where one is known and can be reached.</summary>
    private async Task<(bool IsAnswered, TResponse? Answer)> SendAsync<TRequest, TResponse>(
        IRequest<TRequest, TResponse> request)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        var leader = Leader;
        if (leader == BrokerId.None || leader == brokers.Self)
            return default;
        try
        {
            return (true, await brokers.SendAsync(leader, request, patience, () => Leader == leader && !_isClosed));
        }
        catch (IOException)
        {
            return default;
        }
    }

    private static byte[] Encode<TRequest>(RequestContext context, TRequest request)
        where TRequest : IApiMessage<TRequest>
    {
        var header = new RequestHeader
        {
            RequestApiKey = (short)context.ApiKey,
            RequestApiVersion = context.Version,
            CorrelationId = context.CorrelationId,
            ClientId = context.ClientId,
        };
        using var frame = new OutgoingFrame();
        frame.Write(header, TRequest.IsFlexible(context.Version) ? (short)2 : (short)1);
        frame.Write(request, context.Version);
        return frame.ToArray();
    }

    private static TResponse Read<TResponse>(ReadOnlyMemory<byte> data, RequestContext context)
        where TResponse : IApiMessage<TResponse>
    {
        var reader = new WireReader(data);
        ResponseHeader.Read(ref reader, TResponse.IsFlexible(context.Version) ? (short)1 : (short)0);
        var answer = TResponse.Read(ref reader, context.Version);
        if (answer is IThrottled { ThrottleTimeMs: > 0 } throttled)
            context.Throttle(TimeSpan.FromMilliseconds(throttled.ThrottleTimeMs));
        return answer;
    }
}
