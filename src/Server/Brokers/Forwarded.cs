using Barnabas.Wire;

namespace Barnabas.Server.Brokers;

/// <summary>Has the controller answer what only it can decide: here where it is here, else by passing the request on
/// (KIP-590).</summary>
/// <remarks>Where no controller was found in time the handler here answers, which then says NOT_CONTROLLER.</remarks>
/// <param name="handler">Who serves the API on the controller.</param>
/// <param name="link">The way there.</param>
public sealed class Forwarded<TRequest, TResponse>(IApiHandler<TRequest, TResponse> handler, ControllerLink link)
    : IApiHandler<TRequest, TResponse>
    where TRequest : IRequest<TRequest, TResponse>
    where TResponse : class, IApiMessage<TResponse>
{
    /// <inheritdoc/>
    public Pending<TResponse> Handle(RequestContext context, TRequest request) =>
        Pending<TResponse>.InOrder(link.AnswerAsync(context, request, () => AskHereAsync(context, request)));

    private async Task<TResponse?> AskHereAsync(RequestContext context, TRequest request)
    {
        var pending = handler.Handle(context, request);
        return pending.Answer is { } later ? await later : pending.Ready;
    }
}
