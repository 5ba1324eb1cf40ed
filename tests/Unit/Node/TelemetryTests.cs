using System.Buffers;
using System.Diagnostics.Metrics;
using Barnabas.Base;
using Barnabas.Records;
using Barnabas.Rpc;
using Barnabas.Server.Telemetry;
using Barnabas.Tests.Unit.Server.Telemetry;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Clients' telemetry on a whole node (KIP-714).</summary>
public sealed class TelemetryTests
{
    private static readonly byte[] Metrics = Otlp.Data(
        Otlp.Gauge("org.apache.kafka.producer.latency", 5), Otlp.Gauge("elsewhere", 6));

    [Fact]
    public void A_client_is_asked_for_what_is_subscribed_and_pushes_it()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync("app");
            var none = await GetAsync(peer, Uuid.Zero);
            Assert.Equal((ErrorCode.None, 300_000, true), (none.ErrorCode, none.PushIntervalMs, none.DeltaTemporality));
            Assert.Empty(none.RequestedMetrics);
            Assert.Equal(1_048_576, none.TelemetryMaxBytes);

            await SubscribeAsync(peer, "s1", ("metrics", "org.apache.kafka.producer"), ("interval.ms", "60000"));
            await SubscribeAsync(peer, "s2", ("metrics", "org.apache.kafka.consumer"), ("match", "client_id=ap.*"));
            await SubscribeAsync(peer, "s3", ("metrics", "*"), ("match", "client_id=a"));
            var some = await GetAsync(peer, none.ClientInstanceId);
            Assert.Equal((none.ClientInstanceId, 60_000), (some.ClientInstanceId, some.PushIntervalMs));
            Assert.Equal(["org.apache.kafka.consumer", "org.apache.kafka.producer"], some.RequestedMetrics);
            Assert.NotEqual(none.SubscriptionId, some.SubscriptionId);

            foreach (var codec in Enum.GetValues<CompressionCodec>().Where(Codecs.IsAvailable))
            {
                Assert.Equal(ErrorCode.None, await PushAsync(peer, some, codec));
                Assert.Equal(["org.apache.kafka.producer.latency=5"], Shown(some.ClientInstanceId));
                await Task.Delay(TimeSpan.FromMinutes(1), story.World);
            }

            // Nothing more is heard of it: what it said is not shown for ever.
            await Task.Delay(TimeSpan.FromMinutes(5), story.World);
            Assert.Empty(Shown(some.ClientInstanceId));
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void Pushes_that_cannot_be_taken_are_refused()
    {
        var story = new NodeStory(overrides: "telemetry.max.bytes=10000");
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync("app");
            await SubscribeAsync(peer, "all", ("metrics", "*"), ("interval.ms", "1000"));
            var some = await GetAsync(peer, Uuid.Zero);
            Assert.Equal(["*"], some.RequestedMetrics);

            Assert.Equal(ErrorCode.ThrottlingQuotaExceeded, (await GetAsync(peer, some.ClientInstanceId)).ErrorCode);
            Assert.Equal(ErrorCode.None, await PushAsync(peer, some));
            Assert.Equal(ErrorCode.ThrottlingQuotaExceeded, await PushAsync(peer, some));
            await Refused(ErrorCode.UnknownSubscriptionId, request => request.SubscriptionId++);
            Assert.Equal(ErrorCode.None, (await GetAsync(peer, some.ClientInstanceId)).ErrorCode);
            await Refused(ErrorCode.UnsupportedCompressionType, request => request.CompressionType = 9);
            Assert.Equal(ErrorCode.None, (await GetAsync(peer, some.ClientInstanceId)).ErrorCode);
            await Refused(ErrorCode.TelemetryTooLarge, request => request.Metrics = new byte[10_001]);
            await Refused(ErrorCode.InvalidRecord, request => request.Metrics = new byte[] { 0x0a, 7 });
            await Refused(ErrorCode.InvalidRecord, request => (request.CompressionType, request.Metrics) = (1, Bomb()));
            await Refused(ErrorCode.InvalidRequest, request => request.ClientInstanceId = Uuid.Zero);
            await Refused(ErrorCode.None, request => request.Terminating = true);
            await Refused(ErrorCode.InvalidRequest, _ => { });

            async Task Refused(ErrorCode error, Action<PushTelemetryRequest> change)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), story.World);
                var request = Push(some, CompressionCodec.None);
                change(request);
                Assert.Equal(error, (await NodeStory.AskAsync(peer, request)).ErrorCode);
            }
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void A_subscription_that_is_none_is_refused()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            foreach (var (name, value, error) in new[]
            {
                ("interval.ms", "99", ErrorCode.InvalidRequest), ("interval.ms", "3600001", ErrorCode.InvalidRequest),
                ("speed", "1", ErrorCode.InvalidRequest), ("match", "client_id", ErrorCode.InvalidConfig),
                ("match", "client_id=[", ErrorCode.InvalidConfig), ("match", "colour=red", ErrorCode.InvalidConfig),
                ("match", @"client_id=(a)\1", ErrorCode.InvalidConfig),
                ("match", "client_source_port=9.*,client_id=x", ErrorCode.None),
            })
            {
                Assert.Equal((value, error), (value, (await AlterAsync(peer, "s", (name, value))).ErrorCode));
            }
        });
    }

    private static byte[] Bomb()
    {
        var output = new ArrayBufferWriter<byte>();
        Codecs.Compress(new Compression(CompressionCodec.Gzip), new byte[1_000_000], output);
        Assert.True(output.WrittenCount < 10_000);
        return output.WrittenSpan.ToArray();
    }

    private static Task<GetTelemetrySubscriptionsResponse> GetAsync(Peer peer, Uuid instance) =>
        NodeStory.AskAsync(peer, new GetTelemetrySubscriptionsRequest { ClientInstanceId = instance });

    private static PushTelemetryRequest Push(GetTelemetrySubscriptionsResponse subscription, CompressionCodec codec)
    {
        var output = new ArrayBufferWriter<byte>();
        Codecs.Compress(new Compression(codec), Metrics, output);
        return new()
        {
            ClientInstanceId = subscription.ClientInstanceId,
            SubscriptionId = subscription.SubscriptionId,
            CompressionType = (sbyte)codec,
            Metrics = output.WrittenMemory,
        };
    }

    private static async Task<ErrorCode> PushAsync(
        Peer peer, GetTelemetrySubscriptionsResponse subscription, CompressionCodec codec = CompressionCodec.None) =>
        (await NodeStory.AskAsync(peer, Push(subscription, codec))).ErrorCode;

    private static async Task SubscribeAsync(Peer peer, string name, params (string, string)[] configs) =>
        Assert.Equal(ErrorCode.None, (await AlterAsync(peer, name, configs)).ErrorCode);

    private static async Task<IncrementalAlterConfigsResponse.AlterConfigsResourceResponse> AlterAsync(
        Peer peer, string name, params (string Name, string Value)[] configs)
    {
        var answer = await NodeStory.AskAsync(peer, new IncrementalAlterConfigsRequest
        {
            Resources =
            [
                new()
                {
                    ResourceType = 16,
                    ResourceName = name,
                    Configs = [.. configs.Select(c => new IncrementalAlterConfigsRequest.AlterableConfig
                    {
                        Name = c.Name,
                        Value = c.Value,
                    })],
                },
            ],
        });
        return answer.Responses[0];
    }

    /// <summary>What the meter of clients shows of one of them.</summary>
    private static List<string> Shown(Uuid client)
    {
        var shown = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == ClientMeter.Name)
                listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            foreach (var (key, tag) in tags)
            {
                if (key == "client_instance_id" && (string?)tag == client.ToString())
                    shown.Add($"{instrument.Name}={value}");
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return shown;
    }
}
