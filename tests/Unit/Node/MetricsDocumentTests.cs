using System.Text;
using Barnabas.Cli.Observation;
using Barnabas.Metrics;
using Barnabas.Node;

namespace Barnabas.Tests.Unit.Node;

/// <summary>docs/metrics.md against what a node measures. With BARNABAS_WRITE_DOCS set it is written anew.</summary>
public sealed class MetricsDocumentTests
{
    private static readonly string DocumentPath = Path.Combine(Repository.Root, "docs", "metrics.md");

    [Fact]
    public void The_document_lists_every_metric_as_it_is()
    {
        var document = File.ReadAllText(DocumentPath);
        const string Mark = "<!-- metrics -->\n";
        var begin = document.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length;
        var end = document.IndexOf("<!-- end -->", begin, StringComparison.Ordinal);
        Assert.True(begin >= Mark.Length && end >= begin, "the document has a place for the metrics");
        var wanted = document[..begin] + Table() + document[end..];
        if (Environment.GetEnvironmentVariable("BARNABAS_WRITE_DOCS") is not null)
            File.WriteAllText(DocumentPath, document = wanted);

        Assert.True(wanted == document, "docs/metrics.md is behind: run the unit tests with BARNABAS_WRITE_DOCS=1");
    }

    [Fact]
    public void The_document_names_the_meter_and_the_source_of_spans()
    {
        var document = File.ReadAllText(DocumentPath);
        Assert.Contains($"`{MeterPublisher.MeterName}`", document, StringComparison.Ordinal);
        Assert.Contains($"`{NodeObservation.SpanSource}`", document, StringComparison.Ordinal);
    }

    private static string Table()
    {
        var text = new StringBuilder("| name | type | labels | meaning |\n|---|---|---|---|\n");
        foreach (var family in Families())
        {
            text.Append("| `").Append(family.PrometheusName).Append("` | ")
                .Append(family.Kind.ToString().ToLowerInvariant()).Append(" | ")
                .AppendJoin(", ", family.Labels.Select(label => $"`{label}`")).Append(" | ")
                .Append(family.Meaning.TrimEnd('.')).Append(". |\n");
        }

        return text.ToString();
    }

    private static List<MetricFamily> Families()
    {
        var families = new List<MetricFamily>();
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            node.Observation.Metrics.Add(ProcessFamilies.All);
            families.AddRange(node.Observation.Metrics.Families);
        });
        return families;
    }
}
