using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Barnabas.Bench;

/// <summary>A run as a document: what was run and how, and what came out. Names in it stay as they are from
/// release to release.</summary>
/// <param name="Bench">Which benchmark.</param>
/// <param name="At">When it began.</param>
/// <param name="Settings">How it was run: text, numbers and truths.</param>
/// <param name="Figures">What came out.</param>
/// <param name="Series">The run by seconds; empty where there is no such thing.</param>
public sealed record Report(
    string Bench, DateTimeOffset At, IReadOnlyList<(string Name, JsonNode? Value)> Settings,
    IReadOnlyList<Figure> Figures, IReadOnlyList<Sample> Series)
{
    private const int Digits = 6;

    // One that spaces what is sent by timers, as BBR does, does so within a machine too.
    private const string CongestionControl = "/proc/sys/net/ipv4/tcp_congestion_control";

    /// <summary>The document.</summary>
    public JsonObject ToJson()
    {
        var settings = new JsonObject();
        foreach (var (name, value) in Settings)
            settings[name] = value?.DeepClone();
        var figures = new JsonObject();
        foreach (var figure in Figures)
            figures[figure.Name] = FigureJson(figure);
        return new JsonObject
        {
            ["bench"] = Bench,
            ["at"] = At.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["machine"] = new JsonObject
            {
                ["processors"] = Environment.ProcessorCount,
                ["system"] = RuntimeInformation.OSDescription,
                ["runtime"] = RuntimeInformation.FrameworkDescription,
                ["congestion_control"] =
                    File.Exists(CongestionControl) ? File.ReadAllText(CongestionControl).Trim() : null,
            },
            ["settings"] = settings,
            ["figures"] = figures,
            ["series"] = new JsonArray([.. Series.Select(static one => (JsonNode)SampleJson(one))]),
        };
    }

    /// <summary>Reads the name of the benchmark and the figures of a document.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static (string Bench, IReadOnlyList<Figure> Figures) Read(string text)
    {
        try
        {
            var root = JsonNode.Parse(text)!;
            return (
                root["bench"]!.GetValue<string>(),
                [.. root["figures"]!.AsObject().Select(static one => FigureOf(one.Key, one.Value!))]);
        }
        catch (Exception fault) when (fault is JsonException or NullReferenceException or InvalidOperationException)
        {
            throw new FormatException("no document of a benchmark", fault);
        }
    }

    /// <summary>A number with so many digits that mean something; zero for what is no number.</summary>
    public static double Rounded(double value, int digits = Digits)
    {
        if (value == 0 || !double.IsFinite(value))
            return 0;
        var magnitude = (int)Math.Floor(Math.Log10(Math.Abs(value))) + 1;
        return magnitude >= digits
            ? Math.Round(value / Math.Pow(10, magnitude - digits)) * Math.Pow(10, magnitude - digits)
            : Math.Round(value, Math.Min(15, digits - magnitude));
    }

    private static Figure FigureOf(string name, JsonNode figure) => new(
        name, figure["value"]!.GetValue<double>(), figure["unit"]!.GetValue<string>(),
        figure["better"]!.GetValue<string>() switch
        {
            "more" => Better.More,
            "less" => Better.Less,
            _ => Better.Neither,
        });

    private static JsonObject FigureJson(Figure figure) => new()
    {
        ["value"] = Rounded(figure.Value),
        ["unit"] = figure.Unit,
        ["better"] = figure.Better switch
        {
            Better.More => "more",
            Better.Less => "less",
            _ => "neither",
        },
    };

    private static JsonObject SampleJson(Sample sample) => new()
    {
        ["seconds"] = Rounded(sample.At.TotalSeconds),
        ["bytesPerSecond"] = Rounded(sample.BytesPerSecond),
        ["recordsPerSecond"] = Rounded(sample.RecordsPerSecond),
        ["p50Ms"] = sample.Latency.Count == 0 ? null : Rounded(sample.Latency.Percentile(50).TotalMilliseconds),
        ["p99Ms"] = sample.Latency.Count == 0 ? null : Rounded(sample.Latency.Percentile(99).TotalMilliseconds),
    };

}
