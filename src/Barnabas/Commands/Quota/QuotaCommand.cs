using System.CommandLine;
using System.Globalization;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas quota</c></summary>
internal static class QuotaCommand
{
    private static readonly string[] Kinds = ["user", "client-id", "ip"];

    private static readonly Option<string?> User = Named("user", "a user", "NAME");
    private static readonly Option<string?> ClientId = Named("client-id", "a client id", "ID");
    private static readonly Option<string?> Ip = Named("ip", "an address", "ADDRESS");

    private static readonly Option<string[]> Default = new("--default")
    {
        Description = "all that have no quota of their own: user, client-id or ip",
        HelpName = "KIND",
    };

    public static Command Make() => Leaf.Group(
        "quota", "limit what users, clients and addresses may do",
        QuotaList.Make(), QuotaSet.Make(), QuotaUnset.Make());

    /// <summary>The options that say whose quotas are meant.</summary>
    public static Option[] Whose { get; } = [User, ClientId, Ip, Default];

    /// <summary>Whose quotas are meant; empty where nobody is named.</summary>
    /// <exception cref="CliException">The options contradict each other.</exception>
    public static List<QuotaPart> Entity(ParseResult parsed)
    {
        var defaults = parsed.GetValue(Default) ?? [];
        if (defaults.FirstOrDefault(d => !Kinds.Contains(d)) is { } strange)
            throw CliException.Usage($"'{strange}' has no default quota: there are {string.Join(", ", Kinds)}");
        var parts = defaults.Distinct().Select(kind => new QuotaPart(kind, null)).ToList();
        foreach (var (kind, option) in Kinds.Zip<string, Option<string?>>([User, ClientId, Ip]))
        {
            if (parsed.GetValue(option) is not { } name)
                continue;
            if (name.Length == 0 || defaults.Contains(kind))
                throw CliException.Usage($"give --{kind} a name, or --default {kind}, but not both");
            parts.Add(new(kind, name));
        }

        return parts;
    }

    /// <summary>Whose quotas they are, as people read it.</summary>
    public static string Text(IEnumerable<QuotaPart> entity) => string.Join(
        ' ', entity.OrderByDescending(p => p.Type, StringComparer.Ordinal)
            .Select(p => $"{p.Type}={p.Name ?? "<default>"}"));

    /// <summary>A limit as it is typed: 10MiB (a second) for bytes, 50% or 50 for shares, or a plain number.</summary>
    /// <exception cref="CliException">It is none.</exception>
    public static double Limit(string key, string text)
    {
        var number = key.EndsWith("percentage", StringComparison.Ordinal) ? text.TrimEnd('%') : text;
        if (double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var limit))
            return limit;
        return key.EndsWith("_byte_rate", StringComparison.Ordinal) && Sizes.TryParse(text, out var bytes)
            ? bytes
            : throw CliException.Usage($"'{text}' is no limit for {key}: a number, or a size such as 10MiB");
    }

    private static Option<string?> Named(string kind, string description, string placeholder) =>
        new($"--{kind}") { Description = description, HelpName = placeholder };
}
