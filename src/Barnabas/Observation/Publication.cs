using System.Reflection;
using System.Runtime.CompilerServices;
using Barnabas.Cluster.Configs;
using Barnabas.Metrics;
using Barnabas.Node;
using Barnabas.Otlp;

namespace Barnabas.Cli.Observation;

/// <summary>Shows what a node measures to listeners in .NET, and to a collector where one is configured.</summary>
internal sealed class Publication : IDisposable
{
    private readonly MeterPublisher _meter;
    private readonly OtlpExport? _export;

    /// <summary>Begins, for a node that serves.</summary>
    public Publication(BrokerNode node, ServerConfigs configs)
    {
        node.Observation.Metrics.Add(ProcessFamilies.All);
        _meter = new MeterPublisher(node.Observation.Metrics);
        var config = new EffectiveConfigs(configs).Broker(StoredConfigs.Empty);
        if (config.OtlpEndpoint.Length > 0)
            _export = Export(node, config);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _export?.Dispose();
        _meter.Dispose();
    }

    // On its own, so that OpenTelemetry is loaded only where it is wanted.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static OtlpExport Export(BrokerNode node, BrokerConfig config)
    {
        var version = typeof(Publication).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        return new OtlpExport(
            MeterPublisher.MeterName,
            NodeObservation.SpanSource,
            new OtlpOptions(new Uri(config.OtlpEndpoint), version, config.Id.ToString(), node.ClusterId)
            {
                Interval = config.OtlpInterval,
                TracedShare = config.OtlpTracedShare,
            });
    }
}
