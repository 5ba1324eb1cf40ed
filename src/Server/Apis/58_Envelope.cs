using Barnabas.Base;
using Barnabas.Server.Brokers;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Serves, on the controller, the request of a client of another broker (KIP-590).</summary>
/// <param name="apis">What is served.</param>
/// <param name="link">Whether this is the controller.</param>
public sealed class EnvelopeApi(ApiTable apis, ControllerLink link) : IApiHandler<EnvelopeRequest, EnvelopeResponse>
{
    /// <inheritdoc/>
    public Pending<EnvelopeResponse> Handle(RequestContext context, EnvelopeRequest request)
    {
        if (!link.IsHere)
            return Refuse(ErrorCode.NotController);
        var reader = new WireReader(request.RequestData);
        var head = RequestHead.ReadStart(ref reader);
        var api = apis.Find(head.ApiKey, context.Connection.Listener);
        if (api is not { Audience: ApiAudience.ClientsOfController })
            return Refuse(ErrorCode.InvalidRequest);
        if (!api.Served.Contains(head.Version))
            return Refuse(ErrorCode.UnsupportedVersion);
        head = head.ReadRest(ref reader, api.Service.IsFlexible(head.Version), clientId: null);
        context.Frame.Retain();
        var within = new RequestContext(context.Connection, context.Frame, head, context.Metrics)
        {
            IsForwarded = true,
        };
        try
        {
            return Pending<EnvelopeResponse>.InOrder(AnswerAsync(within, api.Service.Begin(within, ref reader)));
        }
        catch (MalformedFrameException)
        {
            within.ReleaseFrame();
            throw;
        }
    }

    private static EnvelopeResponse Refuse(ErrorCode error) => new() { ErrorCode = error };

    private static async Task<EnvelopeResponse?> AnswerAsync(RequestContext within, InFlightRequest request)
    {
        try
        {
            await request.Completion;
            using var frame = request.Encode();
            return new EnvelopeResponse { ResponseData = frame?.ToArray() };
        }
        finally
        {
            within.ReleaseFrame();
        }
    }
}
