using System.CommandLine;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas quota list</c></summary>
internal static class QuotaList
{
    public static Command Make() => Leaf.Make("list", "list quotas", QuotaCommand.Whose, RunAsync).With(
        "barnabas quota list", "barnabas quota list --user anna -o json");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var filters = QuotaCommand.Entity(parsed).Select(
            p => new QuotaFilter(p.Type, p.Name is null ? QuotaMatch.Default : QuotaMatch.Exact, p.Name));
        await using var session = await Session.OpenAsync(parsed, stop);
        var table = new Table("Entity", "Key", "Value");
        foreach (var entry in await session.Client.Admin.DescribeQuotasAsync(filters, stop: stop))
        {
            foreach (var (key, value) in entry.Quotas)
                table.Add(QuotaCommand.Text(entry.Entity), key, value);
        }

        Document.Write(parsed, table);
        return ExitCode.Ok;
    }
}
