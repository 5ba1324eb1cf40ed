using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>What takes the requests of one API.</summary>
public abstract class ApiService
{
    private protected ApiService()
    {
    }

    /// <summary>The API.</summary>
    internal abstract ApiKey Key { get; }

    /// <summary>One that reads requests and gives them to a handler.</summary>
    public static ApiService Of<TRequest, TResponse>(IApiHandler<TRequest, TResponse> handler)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse> => new ApiService<TRequest, TResponse>(handler);

    /// <summary>One whose exchanges read requests and serve them.</summary>
    public static ApiService Of<TRequest, TResponse>(IExchangeHandler<TRequest, TResponse> handler)
        where TRequest : IRequest<TRequest, TResponse>, IRefilled, new()
        where TResponse : class, IApiMessage<TResponse> => new ExchangeService<TRequest, TResponse>(handler);

    /// <summary>True when requests of that version have a header with tagged fields.</summary>
    internal abstract bool IsFlexible(short version);

    /// <summary>Reads the body and calls the handler.</summary>
    internal abstract InFlightRequest Begin(RequestContext context, ref WireReader body);
}

/// <summary>What takes the requests of one API, by their type.</summary>
internal sealed class ApiService<TRequest, TResponse>(IApiHandler<TRequest, TResponse> handler) : ApiService
    where TRequest : IRequest<TRequest, TResponse>
    where TResponse : class, IApiMessage<TResponse>
{
    internal override ApiKey Key => TRequest.ApiKey;

    internal override bool IsFlexible(short version) => TRequest.IsFlexible(version);

    // Bytes behind the message are let pass, as Kafka does.
    internal override InFlightRequest Begin(RequestContext context, ref WireReader body)
    {
        var request = TRequest.Read(ref body, context.Version);
        return new InFlightRequest<TResponse>(context, handler.Handle(context, request), context.Version);
    }
}

/// <summary>What takes the requests of one API that is served by exchanges.</summary>
internal sealed class ExchangeService<TRequest, TResponse>(IExchangeHandler<TRequest, TResponse> handler) : ApiService
    where TRequest : IRequest<TRequest, TResponse>, IRefilled, new()
    where TResponse : class, IApiMessage<TResponse>
{
    internal override ApiKey Key => TRequest.ApiKey;

    internal override bool IsFlexible(short version) => TRequest.IsFlexible(version);

    internal override InFlightRequest Begin(RequestContext context, ref WireReader body)
    {
        var exchange = handler.Take();
        exchange.Begin(context, ref body);
        return exchange;
    }
}
