using System.Diagnostics;
using Barnabas.Base;
using Barnabas.Server;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Server;

/// <summary>Spans of requests, seen by a listener as tracing libraries have one.</summary>
public sealed class SpanTests
{
    [Fact]
    public void A_request_has_a_span_with_its_circumstances_and_its_error()
    {
        // Sources are of the whole process: only what this test's own client caused is looked at.
        const string Client = "a client of the span test";
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == SocketServer.SpanSource,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                lock (spans)
                    spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(listener);

        var story = new ServerStory();
        story.Echo.Serve = static (_, _) =>
            new SaslAuthenticateResponse { ErrorCode = ErrorCode.SaslAuthenticationFailed };
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(
                RawClient.Request(new SaslAuthenticateRequest { AuthBytes = new byte[1] }, 1, 7, Client));
            await client.ReadAsync();
            await story.Pause(TimeSpan.FromSeconds(1));
            Assert.Null(Activity.Current);
        });

        Activity span;
        lock (spans)
            span = Assert.Single(spans, s => Equals(s.GetTagItem("messaging.client.id"), Client));
        Assert.Equal("SaslAuthenticate", span.OperationName);
        Assert.Equal(ActivityKind.Server, span.Kind);
        Assert.Equal((short)1, span.GetTagItem("messaging.kafka.api.version"));
        Assert.Equal(7, span.GetTagItem("messaging.kafka.correlation_id"));
        Assert.Equal("127.0.0.1", span.GetTagItem("network.peer.address"));
        Assert.Equal("SASL_AUTHENTICATION_FAILED", span.GetTagItem("error.type"));
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Null(span.Parent);
    }
}
