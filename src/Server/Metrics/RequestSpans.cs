using System.Diagnostics;
using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>A span for every request, as .NET and OpenTelemetry know them. While nobody listens to the source nothing
/// is made.</summary>
internal static class RequestSpans
{
    private static readonly ActivitySource Source = new(SocketServer.SpanSource);

    /// <summary>Begins the span of a request, which lasts until its answer is sent.</summary>
    internal static void Begin(ApiEntry api, RequestContext request)
    {
        if (!Source.HasListeners() || Source.StartActivity(api.Name, ActivityKind.Server) is not { } span)
            return;
        request.Span = span;
        span.SetTag("messaging.system", "kafka");
        span.SetTag("messaging.client.id", request.ClientId);
        span.SetTag("messaging.kafka.api.version", request.Version);
        span.SetTag("messaging.kafka.correlation_id", request.CorrelationId);
        span.SetTag("network.peer.address", request.Connection.Remote.Address.ToString());
        span.SetTag("network.peer.port", request.Connection.Remote.Port);
        span.SetTag("barnabas.listener", request.Connection.Listener);
    }

    /// <summary>The handler has returned: what the lane does next belongs to other requests.</summary>
    internal static void Leave(RequestContext request)
    {
        if (request.Span is { } span)
            Activity.Current = span.Parent;
    }

    /// <summary>Who is told of the error codes in an answer.</summary>
    internal static IErrorTally TallyOf(RequestContext request) =>
        request.Span is { } span ? new Tally(span, request.Metrics) : request.Metrics;

    /// <summary>Ends the span.</summary>
    internal static void End(RequestContext request)
    {
        if (request.Span is not { } span)
            return;
        request.Span = null;
        var current = Activity.Current;
        span.Dispose();
        Activity.Current = ReferenceEquals(current, span) ? null : current;
    }

    /// <summary>Counts, and marks the span with the first error.</summary>
    private sealed class Tally(Activity span, IErrorTally counted) : IErrorTally
    {
        public void Add(ErrorCode error)
        {
            counted.Add(error);
            if (error == ErrorCode.None || span.Status == ActivityStatusCode.Error)
                return;
            span.SetTag("error.type", error.KafkaName());
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
