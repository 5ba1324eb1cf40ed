using Barnabas.Wire;

namespace Barnabas.SimCluster;

/// <summary>Whoever can ask a node something.</summary>
internal interface IRequester
{
    /// <summary>Asks, once; null where no answer came: the request may have been carried out or not.</summary>
    Task<TResponse?> TryAskAsync<TRequest, TResponse>(IRequest<TRequest, TResponse> request)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse>;
}
