using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Barnabas.Otlp;

/// <summary>Sends a meter and a source of spans to an OpenTelemetry collector, as protobuf over HTTP.</summary>
/// <remarks>Only a node that is configured to export loads this project and the packages under it. What is not set here
/// is taken from the environment variables of OpenTelemetry, headers for one.</remarks>
public sealed class OtlpExport : IDisposable
{
    private readonly MeterProvider _metrics;
    private readonly TracerProvider? _traces;

    /// <summary>Begins to export.</summary>
    /// <param name="meter">The name of the meter.</param>
    /// <param name="source">The name of the source of spans.</param>
    /// <param name="options">Where to, and as whom.</param>
    public OtlpExport(string meter, string source, OtlpOptions options)
    {
        var resource = ResourceBuilder.CreateDefault()
            .AddService("barnabas", serviceVersion: options.Version, serviceInstanceId: options.NodeId)
            .AddAttributes([new("barnabas.cluster.id", options.ClusterId)]);
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(meter)
            .AddOtlpExporter((exporter, reader) =>
            {
                Aim(exporter, options.Endpoint, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds =
                    (int)options.Interval.TotalMilliseconds;
            })
            .Build();
        if (options.TracedShare <= 0)
            return;
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(source)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TracedShare)))
            .AddOtlpExporter(exporter => Aim(exporter, options.Endpoint, "v1/traces"))
            .Build();
    }

    /// <summary>Sends what has not been sent, for a few seconds at most, and ends.</summary>
    public void Dispose()
    {
        _traces?.Dispose();
        _metrics.Dispose();
    }

    private static void Aim(OtlpExporterOptions exporter, Uri endpoint, string path)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}");
    }
}
