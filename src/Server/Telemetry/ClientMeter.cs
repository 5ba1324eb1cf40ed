using System.Diagnostics.Metrics;
using Barnabas.Base;

namespace Barnabas.Server.Telemetry;

/// <summary>Shows what clients push as instruments of the meter <see cref="Name"/>, under the names the clients gave,
/// one measurement a client and attributes.</summary>
/// <remarks>Changed on the telemetry's lane; read by whoever listens to the meter, from any thread. Names come from
/// clients and instruments live as long as their meter, so both names and series are limited: what is beyond is
/// dropped.</remarks>
public sealed class ClientMeter : ITelemetryReceiver
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Barnabas.Clients";

    /// <summary>The most instruments.</summary>
    internal const int MostNames = 1000;

    /// <summary>The most measurements, of all clients.</summary>
    internal const int MostSeries = 100_000;
    private readonly Meter _meter = new(Name);
    private readonly Dictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly Dictionary<Uuid, SortedDictionary<string, Series>> _clients = [];
    private int _series;

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <inheritdoc/>
    public void Receive(TelemetryClient client, IReadOnlyList<ClientMetric> values)
    {
        if (!_clients.TryGetValue(client.InstanceId, out var known))
            _clients.Add(client.InstanceId, known = new(StringComparer.Ordinal));
        var changed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            if (Take(client, known, value))
                changed.Add(value.Name);
        }

        foreach (var name in changed)
        {
            _families[name].Show(
                client.InstanceId, [.. known.Values.Where(s => s.Name == name).Select(s => s.Measure())]);
        }
    }

    /// <inheritdoc/>
    public void Forget(Uuid instanceId)
    {
        if (!_clients.Remove(instanceId, out var known))
            return;
        _series -= known.Count;
        foreach (var name in known.Values.Select(series => series.Name).Distinct(StringComparer.Ordinal))
            _families[name].Hide(instanceId);
    }

    private bool Take(TelemetryClient client, SortedDictionary<string, Series> known, ClientMetric value)
    {
        var key = $"{value.Name} {string.Join(',', value.Attributes.Select(a => $"{a.Key}={a.Value}"))}";
        if (!known.TryGetValue(key, out var series))
        {
            if (_series == MostSeries || !HasFamily(value))
                return false;
            known.Add(key, series = new Series(client, value));
            _series++;
        }

        series.Add(value);
        return true;
    }

    private bool HasFamily(ClientMetric value)
    {
        if (_families.ContainsKey(value.Name))
            return true;
        if (_families.Count == MostNames)
            return false;
        var family = new Family();
        _families.Add(value.Name, family);
        if (value.Kind == ClientMetricKind.Gauge)
            _meter.CreateObservableGauge(value.Name, family.Read, value.Unit);
        else
            _meter.CreateObservableCounter(value.Name, family.Read, value.Unit);
        return true;
    }

    /// <summary>All measurements of one name.</summary>
    private sealed class Family
    {
        private volatile PersistentMap<Uuid, Measurement<double>[]> _byClient =
            PersistentMap<Uuid, Measurement<double>[]>.Empty();

        public void Show(Uuid client, Measurement<double>[] values) => _byClient = _byClient.With(client, values);

        public void Hide(Uuid client) => _byClient = _byClient.Without(client);

        public IEnumerable<Measurement<double>> Read() => _byClient.SelectMany(pair => pair.Value);
    }

    /// <summary>One value of one client.</summary>
    private sealed class Series(TelemetryClient client, ClientMetric first)
    {
        private readonly KeyValuePair<string, object?>[] _tags =
        [
            new("client_id", client.ClientId), new("client_instance_id", client.InstanceId.ToString()),
            new("client_software_name", client.SoftwareName), new("client_software_version", client.SoftwareVersion),
            .. first.Attributes,
        ];

        private double _value;

        public string Name => first.Name;

        public void Add(ClientMetric value) =>
            _value = value.Kind == ClientMetricKind.Delta ? _value + value.Value : value.Value;

        public Measurement<double> Measure() => new(_value, _tags);
    }
}
