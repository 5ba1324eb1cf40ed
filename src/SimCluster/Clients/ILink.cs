using Barnabas.Wire;

namespace Barnabas.SimCluster;

/// <summary>A client's connections.</summary>
/// <remarks>It knows requests and answers and little of Kafka's rules for retries: those that use it have their
/// own.</remarks>
internal interface ILink : IRequester
{
    /// <summary>Asks until there is an answer: for requests that may be carried out twice.</summary>
    Task<TResponse> AskAsync<TRequest, TResponse>(IRequest<TRequest, TResponse> request)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse>;

    /// <summary>Closes all.</summary>
    Task CloseAsync();
}
