using System.Text.Json;
using Barnabas.Http;
using Barnabas.Metrics;

namespace Barnabas.Node;

/// <summary>The pages by which a node is watched.</summary>
internal sealed class Pages(MetricCatalogue metrics, Health health)
{
    private const string Index = """
        Barnabas

        /metrics   what it measures, for Prometheus
        /healthz   200 while it is alive
        /readyz    200 while it serves
        """;

    /// <summary>Answers a request.</summary>
    public async Task<HttpResponse> ServeAsync(HttpRequest request) => request.Path switch
    {
        "/metrics" => Metrics(),
        "/healthz" => Verdict("silentLanes", await health.SilentLanesAsync()),
        "/readyz" => Verdict("reasons", health.Obstacles()),
        "/" => HttpResponse.Text(200, Index),
        _ => HttpResponse.Text(404, "there is no such page; see /"),
    };

    private HttpResponse Metrics()
    {
        var body = new HttpBody();
        PrometheusText.Write(metrics, body);
        return new HttpResponse(200, PrometheusText.ContentType, body);
    }

    private static HttpResponse Verdict(string name, IReadOnlyList<string> wrong)
    {
        if (wrong.Count == 0)
            return HttpResponse.Json(200, """{"status":"ok"}""");
        var all = string.Join(',', wrong.Select(text => $"\"{JsonEncodedText.Encode(text)}\""));
        return HttpResponse.Json(503, $$"""{"status":"unavailable","{{name}}":[{{all}}]}""");
    }
}
