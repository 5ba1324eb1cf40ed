using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Brokers;

/// <summary>The way to the controller: this node where it leads the metadata, else the one that does.</summary>
/// <remarks>From any lane.</remarks>
/// <param name="machine">The cluster's state as it is here.</param>
/// <param name="quorum">Who leads.</param>
/// <param name="brokers">The way to the other brokers.</param>
/// <param name="patience"><c>controller.socket.timeout.ms</c>: how long an answer may take.</param>
public sealed class ControllerLink(
    Machine<ClusterState, ITypedRecord> machine, Func<QuorumView> quorum, BrokerLinks brokers, TimeSpan patience)
{
    /// <summary>True where this node is the controller, as far as it knows.</summary>
    public bool IsHere => quorum().Leader == brokers.Self;

    /// <summary>The controller, as far as this node knows; none while there is none.</summary>
    public BrokerId Leader => quorum().Leader;

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

    /// <summary>Passes a client's request on to the controller, in an envelope (KIP-590).</summary>
    /// <param name="context">Whose request it is.</param>
    /// <param name="request">The request, or what the controller has to decide of it.</param>
    /// <returns>The controller's answer; null where there is no controller that could be reached. What became of the
    /// request is then not known.</returns>
    public async Task<TResponse?> ForwardAsync<TRequest, TResponse>(
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

    /// <summary>Has a controller on another node create topics for this broker.</summary>
    /// <returns>Null where there is no controller that could be reached.</returns>
    public async Task<CreateTopicsResponse?> CreateAsync(CreateTopicsRequest request) =>
        (await SendAsync(request)).Answer;

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
            return (true, await brokers.SendAsync(leader, request, patience));
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
