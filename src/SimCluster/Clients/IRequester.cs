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

/// <summary>What every requester can do.</summary>
internal static class RequesterExtensions
{
    /// <summary>Asks until there is an answer: for requests that may be carried out twice.</summary>
    /// <param name="requester">Who asks.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="time">The clock.</param>
    /// <param name="pause">How long to wait before it is asked again.</param>
    public static async Task<TResponse> InsistAsync<TRequest, TResponse>(
        this IRequester requester, IRequest<TRequest, TResponse> request, TimeProvider time, TimeSpan pause)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse>
    {
        while (true)
        {
            if (await requester.TryAskAsync(request) is { } answer)
                return answer;
            await Task.Delay(pause, time);
        }
    }
}
