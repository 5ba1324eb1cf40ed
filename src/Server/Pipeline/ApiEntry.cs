using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>One API that is served.</summary>
public abstract class ApiEntry
{
    private protected ApiEntry(ApiKey key, VersionRange served, VersionRange advertised) =>
        (Key, Name, Served, Advertised) = (key, key.ToString(), served, advertised);

    /// <summary>The API.</summary>
    public ApiKey Key { get; }

    /// <summary>Its name, as in metrics.</summary>
    public string Name { get; }

    /// <summary>The versions that are served; a request in any other closes its connection.</summary>
    public VersionRange Served { get; }

    /// <summary>The versions that ApiVersions shows; as a rule those that are served.</summary>
    public VersionRange Advertised { get; }

    /// <summary>For whom it is.</summary>
    public ApiAudience Audience { get; init; }

    /// <summary>True when requests of that version have a header with tagged fields.</summary>
    internal abstract bool IsFlexible(short version);

    /// <summary>Reads the body and calls the handler.</summary>
    internal abstract InFlightRequest Begin(RequestContext context, ref WireReader body);
}

/// <summary>One API that is served, and by whom.</summary>
internal sealed class ApiEntry<TRequest, TResponse>(
    IApiHandler<TRequest, TResponse> handler, VersionRange served, VersionRange advertised)
    : ApiEntry(TRequest.ApiKey, served, advertised)
    where TRequest : IRequest<TRequest, TResponse>
    where TResponse : class, IApiMessage<TResponse>
{
    internal override bool IsFlexible(short version) => TRequest.IsFlexible(version);

    // Bytes behind the message are let pass, as Kafka does.
    internal override InFlightRequest Begin(RequestContext context, ref WireReader body)
    {
        var request = TRequest.Read(ref body, context.Version);
        return new InFlightRequest<TResponse>(context, handler.Handle(context, request), context.Version);
    }
}

/// <summary>One API that is served by exchanges.</summary>
internal sealed class ExchangedApi<TRequest, TResponse>(
    IExchangeHandler<TRequest, TResponse> handler, VersionRange served, VersionRange advertised)
    : ApiEntry(TRequest.ApiKey, served, advertised)
    where TRequest : IRequest<TRequest, TResponse>, IRefilled, new()
    where TResponse : class, IApiMessage<TResponse>
{
    internal override bool IsFlexible(short version) => TRequest.IsFlexible(version);

    internal override InFlightRequest Begin(RequestContext context, ref WireReader body)
    {
        var exchange = handler.Take();
        exchange.Begin(context, ref body);
        return exchange;
    }
}
