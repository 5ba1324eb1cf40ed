using System.Diagnostics.Metrics;
using Barnabas.Base;
using Barnabas.Server.Telemetry;

namespace Barnabas.Tests.Unit.Server.Telemetry;

public sealed class ClientMeterTests
{
    private static readonly TelemetryClient First =
        new(new Uuid(1, 1000), "app", "librdkafka", "2.15.0", "10.0.0.1", 5);

    private static readonly TelemetryClient Second = First with { InstanceId = new Uuid(2, 2000), ClientId = "other" };

    [Fact]
    public void Values_are_shown_by_name_and_client()
    {
        using var meter = new ClientMeter();
        using var listener = new Listener();
        meter.Receive(
            First, [Of("latency", 5), Of("latency", 6, ("node", "2")), Of("sent", 7, ClientMetricKind.Total)]);
        meter.Receive(Second, [Of("latency", 8)]);

        Assert.Equal(["latency app node=2=6", "latency app=5", "latency other=8", "sent app=7"], listener.Read());
    }

    [Fact]
    public void Totals_are_replaced_and_deltas_added()
    {
        using var meter = new ClientMeter();
        using var listener = new Listener();
        for (var i = 1; i <= 3; i++)
        {
            var (total, delta) = (Of("total", i, ClientMetricKind.Total), Of("delta", i, ClientMetricKind.Delta));
            meter.Receive(First, [total, delta, Of("gauge", i)]);
        }

        Assert.Equal(["delta app=6", "gauge app=3", "total app=3"], listener.Read());
    }

    [Fact]
    public void A_client_that_is_gone_is_shown_no_more()
    {
        using var meter = new ClientMeter();
        using var listener = new Listener();
        meter.Receive(First, [Of("latency", 5)]);
        meter.Receive(Second, [Of("latency", 8)]);
        meter.Forget(First.InstanceId);
        meter.Forget(First.InstanceId);

        Assert.Equal(["latency other=8"], listener.Read());
    }

    [Fact]
    public void Names_and_series_are_limited()
    {
        using var meter = new ClientMeter();
        using var listener = new Listener();
        meter.Receive(First, [.. Enumerable.Range(0, ClientMeter.MostNames + 10).Select(i => Of($"name {i}", i))]);
        Assert.Equal(ClientMeter.MostNames, listener.Read().Count);

        var many = Enumerable.Range(0, ClientMeter.MostSeries + 10).Select(i => Of("name 0", i, ("i", $"{i}")));
        meter.Receive(First, [.. many]);
        Assert.Equal(ClientMeter.MostSeries, listener.Read().Count);

        // What is forgotten makes room.
        meter.Forget(First.InstanceId);
        meter.Receive(Second, [Of("name 0", 1), Of("name 1", 2)]);
        Assert.Equal(["name 0 other=1", "name 1 other=2"], listener.Read());
    }

    private static ClientMetric Of(
        string name, double value, ClientMetricKind kind, params (string, string)[] attributes) =>
        new(name, "ms", kind, value, [.. attributes.Select(a => KeyValuePair.Create(a.Item1, (object?)a.Item2))]);

    private static ClientMetric Of(string name, double value, params (string, string)[] attributes) =>
        Of(name, value, ClientMetricKind.Gauge, attributes);

    /// <summary>Reads what stands on the meters of clients.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly List<string> _read = [];

        public Listener()
        {
            _listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == ClientMeter.Name)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
            {
                var (client, rest) = ("", "");
                foreach (var (key, tag) in tags)
                {
                    if (key == "client_id")
                        client = $"{tag}";
                    else if (!key.StartsWith("client_", StringComparison.Ordinal))
                        rest += $" {key}={tag}";
                }

                _read.Add($"{instrument.Name} {client}{rest}={value}");
            });
            _listener.Start();
        }

        public void Dispose() => _listener.Dispose();

        public List<string> Read()
        {
            _read.Clear();
            _listener.RecordObservableInstruments();
            return [.. _read.Order(StringComparer.Ordinal)];
        }
    }
}
