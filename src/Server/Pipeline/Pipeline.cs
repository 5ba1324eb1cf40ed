using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Server;

/// <summary>The gates a request passes before its handler sees it: header, key and version, body.</summary>
/// <remarks>The gates before them, length and memory, are the <see cref="FrameReader"/>'s.</remarks>
internal sealed class Pipeline(ApiTable apis, TimeProvider time, ServerMetrics metrics)
{
    /// <summary>Takes a frame through the gates and calls the handler.</summary>
    /// <exception cref="MalformedFrameException">The frame is no request that is served; it has been
    /// released.</exception>
    internal InFlightRequest Begin(ConnectionContext connection, RequestFrame frame)
    {
        RequestContext? context = null;
        try
        {
            var reader = new WireReader(frame.Memory);
            var head = RequestHead.ReadStart(ref reader);
            var api = apis.Find(head.ApiKey, connection.Listener)
                ?? throw new MalformedFrameException($"API key {(short)head.ApiKey} is not served");
            if (!api.Served.Contains(head.Version))
                return RefuseVersion(connection, frame, head, api);

            head = head.ReadRest(ref reader, api.Service.IsFlexible(head.Version), connection.ClientId);
            connection.ClientId = head.ClientId;
            context = RequestContext.Take(connection, frame, head, metrics.Of(api));
            context.Metrics.Received(head.Version, frame.Length);
            return Begin(api, context, ref reader);
        }
        catch (MalformedFrameException)
        {
            if (context is null)
                frame.Release();
            else
                context.ReleaseFrame();
            throw;
        }
    }

    // What a handler fails with costs its own connection. Only a broken invariant is more than that.
    private InFlightRequest Begin(ApiEntry api, RequestContext context, ref WireReader body)
    {
        context.BegunAt = time.GetTimestamp();
        RequestSpans.Begin(api, context);
        try
        {
            return api.Service.Begin(context, ref body);
        }
        catch (Exception fault) when (fault is not (MalformedFrameException or InvariantBrokenException))
        {
            return new FailedRequest(context, fault);
        }
        finally
        {
            RequestSpans.Leave(context);
            context.HandledAt = context.AnsweredAt = time.GetTimestamp();
        }
    }

    // A client that is newer than we are asks for ApiVersions in a version we do not know. It can read
    // version 0 of the answer, learns there which versions we do know, and asks again (KIP-35).
    private InFlightRequest<ApiVersionsResponse> RefuseVersion(
        ConnectionContext connection, RequestFrame frame, RequestHead head, ApiEntry api)
    {
        if (head.ApiKey != ApiKey.ApiVersions)
        {
            throw new MalformedFrameException(
                $"{api.Name} is served in versions {api.Served}, not {head.Version}");
        }

        var context = new RequestContext(connection, frame, head, metrics.Of(api));
        context.Metrics.Received(api.Served.Last, frame.Length);
        context.BegunAt = context.HandledAt = context.AnsweredAt = time.GetTimestamp();
        var answer = new ApiVersionsResponse { ErrorCode = ErrorCode.UnsupportedVersion };
        answer.ApiKeys.Add(new ApiVersionsResponse.ApiVersion
        {
            ApiKey = (short)api.Key,
            MinVersion = api.Advertised.First,
            MaxVersion = api.Advertised.Last,
        });
        return new InFlightRequest<ApiVersionsResponse>(context, answer, version: 0);
    }
}
