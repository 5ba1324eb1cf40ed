using System.CommandLine;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary>What <c>quota set</c> and <c>quota unset</c> do alike.</summary>
internal static class QuotaAlteration
{
    /// <summary>Whether only to try.</summary>
    public static readonly Option<bool> DryRun = new("--dry-run", "--validate-only")
    {
        Description = "only see whether it would be accepted",
    };

    /// <summary>Changes the quotas of whom the options name, and prints what was changed.</summary>
    public static async Task<int> RunAsync(ParseResult parsed, List<QuotaChange> changes, CancellationToken stop)
    {
        var entity = QuotaCommand.Entity(parsed);
        if (entity.Count == 0)
            throw CliException.Usage("whose quota? give --user, --client-id, --ip or --default KIND");
        await using var session = await Session.OpenAsync(parsed, stop);
        await session.Client.Admin.AlterQuotasAsync(entity, changes, parsed.GetValue(DryRun), stop);
        var table = new Table("Entity", "Key", "Value", "Status");
        foreach (var (key, value) in changes)
        {
            var status = parsed.GetValue(DryRun) ? "valid" : value is null ? "unset" : "set";
            table.Add(QuotaCommand.Text(entity), key, value, status);
        }

        Document.Write(parsed, table);
        return ExitCode.Ok;
    }
}
