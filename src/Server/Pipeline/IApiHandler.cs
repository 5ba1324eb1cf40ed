using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>Serves one API. One file each in <c>Apis</c>.</summary>
/// <typeparam name="TRequest">The request.</typeparam>
/// <typeparam name="TResponse">Its answer.</typeparam>
public interface IApiHandler<TRequest, TResponse>
    where TRequest : IRequest<TRequest, TResponse>
    where TResponse : class, IApiMessage<TResponse>
{
    /// <summary>Begins to serve a request, on the connection's lane, and must not block it.</summary>
    /// <param name="context">Who asks, and in which version.</param>
    /// <param name="request">What is asked. Bytes in it alias the frame, which stays until the answer has
    /// been sent, or until <see cref="RequestContext.ReleaseFrame"/>.</param>
    /// <exception cref="MalformedFrameException">The request cannot be meant: the connection is
    /// closed.</exception>
    Pending<TResponse> Handle(RequestContext context, TRequest request);
}
