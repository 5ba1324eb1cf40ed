using Barnabas.Server;
using Barnabas.Wire;

namespace Barnabas.Tests.Unit;

/// <summary>Serves with what is there already.</summary>
internal static class ApiTableExtensions
{
    public static void Add<TRequest, TResponse>(
        this ApiTable apis, IApiHandler<TRequest, TResponse> handler, VersionRange? served = null,
        VersionRange? advertised = null)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse> =>
        apis.Add(TRequest.ApiKey, () => ApiService.Of(handler), served, advertised);

    public static void Add<TRequest, TResponse>(
        this ApiTable apis, IExchangeHandler<TRequest, TResponse> handler, VersionRange? served = null,
        VersionRange? advertised = null)
        where TRequest : IRequest<TRequest, TResponse>, IRefilled, new()
        where TResponse : class, IApiMessage<TResponse> =>
        apis.Add(TRequest.ApiKey, () => ApiService.Of(handler), served, advertised);
}
