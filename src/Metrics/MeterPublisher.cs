using System.Diagnostics.Metrics;

namespace Barnabas.Metrics;

/// <summary>Shows a catalogue as instruments of a .NET meter, for dotnet-counters, OpenTelemetry and whatever else
/// listens to meters.</summary>
/// <remarks>The instruments are observable: they cost nothing until a listener asks. Only what is recorded into a
/// histogram goes to listeners as it happens.</remarks>
public sealed class MeterPublisher : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Barnabas";

    private readonly Meter _meter = new(MeterName);

    /// <summary>Publishes the families that the catalogue has now, until this is disposed.</summary>
    public MeterPublisher(MetricCatalogue catalogue)
    {
        foreach (var family in catalogue.Families)
            Publish(family);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private void Publish(MetricFamily family)
    {
        if (family is HistogramFamily histogram)
            histogram.Publish(_meter);
        else if (family.Kind == MetricKind.Counter)
            _meter.CreateObservableCounter<double>(family.Name, () => Measured.Of(family), family.Unit, family.Meaning);
        else
            _meter.CreateObservableGauge<double>(family.Name, () => Measured.Of(family), family.Unit, family.Meaning);
    }

    /// <summary>The series of a family as measurements.</summary>
    private sealed class Measured(MetricFamily family) : MetricSink
    {
        private readonly List<Measurement<double>> _all = [];

        public static List<Measurement<double>> Of(MetricFamily family)
        {
            var measured = new Measured(family);
            family.Collect(measured);
            return measured._all;
        }

        public override void Add(double value, params ReadOnlySpan<string> labels)
        {
            var tags = new KeyValuePair<string, object?>[labels.Length];
            for (var i = 0; i < tags.Length; i++)
                tags[i] = new(family.Labels[i], labels[i]);
            _all.Add(new Measurement<double>(value, tags));
        }

        // Histograms are instruments of their own.
        public override void Add(Distribution values, HistogramShape shape, params ReadOnlySpan<string> labels)
        {
        }
    }
}
