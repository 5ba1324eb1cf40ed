using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Barnabas.Server;
using Barnabas.Wire;

namespace Barnabas.Tests.Unit.Node;

/// <summary>docs/api.md against the table of what a node serves. With BARNABAS_WRITE_DOCS set it is written
/// anew.</summary>
public sealed partial class ApiDocumentTests
{
    private static readonly string DocumentPath = Path.Combine(Repository.Root, "docs", "api.md");

    [Fact]
    public void The_document_lists_every_api_that_is_served()
    {
        var apis = new ApiTable();
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            apis = node.Apis;
        });
        var document = File.ReadAllText(DocumentPath);
        var wanted = DocumentSections.Replace(document, "served", Served(apis));
        wanted = DocumentSections.Replace(wanted, "not served", NotServed(apis));
        if (Environment.GetEnvironmentVariable("BARNABAS_WRITE_DOCS") is not null)
            File.WriteAllText(DocumentPath, document = wanted);

        Assert.True(wanted == document, "docs/api.md is behind: run the unit tests with BARNABAS_WRITE_DOCS=1");
    }

    private static string Served(ApiTable apis)
    {
        var text = new StringBuilder(
            "| key | name | versions | shown | for | what it does |\n|---|---|---|---|---|---|\n");
        foreach (var api in apis.Entries)
        {
            var shown = api.Advertised == api.Served ? "" : api.Advertised.ToString();
            text.Append(CultureInfo.InvariantCulture, $"| {(short)api.Key} | {api.Name} | {api.Served} | {shown} ");
            text.Append("| ").Append(WhoOf(api)).Append(" | ").Append(SummaryOf(api)).Append(" |\n");
        }

        return text.ToString();
    }

    private static string WhoOf(ApiEntry api) => api.Audience switch
    {
        ApiAudience.ClientsOfController => "controller",
        ApiAudience.Brokers => "brokers",
        _ => "",
    };

    private static string NotServed(ApiTable apis)
    {
        var names = Enum.GetValues<ApiKey>()
            .Where(key => apis.Entries.All(api => api.Key != key))
            .Select(key => $"{key} ({(short)key})");
        return DocumentSections.List("", names);
    }

    /// <summary>What the handler's file says it does: an API is found by its number and name.</summary>
    private static string SummaryOf(ApiEntry api)
    {
        var file = string.Create(CultureInfo.InvariantCulture, $"{(short)api.Key:00}_{api.Name}.cs");
        var source = File.ReadAllText(Path.Combine(Repository.Root, "src", "Server", "Apis", file));
        var handler = source.IndexOf($"public sealed class {api.Name}Api", StringComparison.Ordinal);
        if (handler < 0)
            handler = source.IndexOf($"public sealed partial class {api.Name}Api", StringComparison.Ordinal);
        Assert.True(handler >= 0, $"{file} holds {api.Name}Api");
        var begin = source.LastIndexOf("<summary>", handler, StringComparison.Ordinal) + "<summary>".Length;
        var summary = source[begin..source.IndexOf("</summary>", begin, StringComparison.Ordinal)];
        summary = Tag().Replace(summary.Replace("///", "", StringComparison.Ordinal), "`$1`");
        return Blanks().Replace(summary, " ").Trim();
    }

    [GeneratedRegex("""<(?:c>|see cref=")([^<"]+)(?:</c>|"\s*/>)""")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
