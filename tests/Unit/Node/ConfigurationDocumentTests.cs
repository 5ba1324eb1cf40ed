using System.Text;
using Barnabas.Cluster.Configs;

namespace Barnabas.Tests.Unit.Node;

/// <summary>docs/configuration.md against the definitions. With BARNABAS_WRITE_DOCS set it is written anew.</summary>
public sealed class ConfigurationDocumentTests
{
    private static readonly string DocumentPath = Path.Combine(Repository.Root, "docs", "configuration.md");

    [Fact]
    public void The_document_lists_every_config_as_it_is()
    {
        var document = File.ReadAllText(DocumentPath);
        var wanted = document;
        wanted = DocumentSections.Replace(wanted, "topic", Table(ConfigDefinitions.Topic, isBroker: false));
        wanted = DocumentSections.Replace(wanted, "broker", Table(ConfigDefinitions.Broker, isBroker: true));
        wanted = DocumentSections.Replace(wanted, "inert", Names());
        if (Environment.GetEnvironmentVariable("BARNABAS_WRITE_DOCS") is not null)
            File.WriteAllText(DocumentPath, document = wanted);

        Assert.True(
            wanted == document, "docs/configuration.md is behind: run the unit tests with BARNABAS_WRITE_DOCS=1");
    }

    private static string Table(ConfigTable table, bool isBroker)
    {
        var text = new StringBuilder(isBroker
            ? "| name | type | default | changes | meaning |\n|---|---|---|---|---|\n"
            : "| name | type | default | from | meaning |\n|---|---|---|---|---|\n");
        foreach (var config in table.All.Where(d => d is { HasEffect: true, IsInternal: false }))
        {
            var limits = config.Limits is { } l ? $"; {l.Text}" : "";
            text.Append("| `").Append(config.Name).Append("` | ")
                .Append(config.Type.ToString().ToLowerInvariant()).Append(limits).Append(" | ")
                .Append(Default(config)).Append(" | ")
                .Append(isBroker ? Changes(config) : From(config)).Append(" | ")
                .Append(config.Meaning).Append(isBroker && config.StandIns.Count > 0 ? $" From: {From(config)}." : "")
                .Append(" |\n");
        }

        return text.ToString();
    }

    private static string Default(ConfigDefinition config) => config.Default switch
    {
        null => "",
        "" => "empty",
        "9223372036854775807" => "no limit",
        var value => $"`{value}`",
    };

    private static string Changes(ConfigDefinition config) => config.UpdateMode switch
    {
        ConfigUpdateMode.ReadOnly => "at start",
        ConfigUpdateMode.PerBroker => "per broker",
        _ => "any time",
    };

    private static string From(ConfigDefinition config) =>
        string.Join(", ", config.StandIns.Select(s => $"`{s.Name}`"));

    private static string Names()
    {
        var text = new StringBuilder();
        Append("Of topics", ConfigDefinitions.Topic);
        Append("Of brokers", ConfigDefinitions.Broker);
        Append("Of groups", ConfigDefinitions.Group);
        Append("Of client metrics subscriptions", ConfigDefinitions.ClientMetrics);
        return text.ToString();

        void Append(string title, ConfigTable table)
        {
            var names = table.All.Where(d => d is { HasEffect: false, IsInternal: false })
                .Select(d => $"`{d.Name}`").ToList();
            if (names.Count > 0)
                text.Append(DocumentSections.List(title + ":", names)).Append('\n');
        }
    }
}
