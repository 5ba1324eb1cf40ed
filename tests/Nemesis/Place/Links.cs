namespace Barnabas.Tests.Nemesis.Place;

/// <summary>Cuts the ways between nodes, in the bridge that all of them go over. Packets vanish, and nobody is
/// told.</summary>
/// <param name="table">The name of the rules; nobody else's in this network.</param>
internal sealed class Links(string table)
{
    private readonly string _forget = $"table bridge {table} {{ }}\ndelete table bridge {table}\n";

    /// <summary>From now on nothing that a node of the first list sends to one of the second arrives.</summary>
    /// <param name="ways">Who is cut off from whom, one way each.</param>
    /// <exception cref="PlaceException">The kernel refuses.</exception>
    public void Cut(IEnumerable<(string From, string To)> ways)
    {
        // Only IP: who cannot ask for addresses is not back as soon as it is let in.
        var rules = ways.Select(static way =>
            $"ether type ip iifname \"{way.From}\" oifname \"{way.To}\" drop");
        Apply($$"""
            {{_forget}}table bridge {{table}} {
                chain cut {
                    type filter hook forward priority 0;
                    {{string.Join("\n        ", rules)}}
                }
            }

            """);
    }

    /// <summary>Everything arrives again.</summary>
    /// <exception cref="PlaceException">The kernel refuses.</exception>
    public void Heal() => Apply(_forget);

    private static void Apply(string rules)
    {
        if (Shell.Feed(rules, "nft", "-f", "-") is { } fault)
            throw new PlaceException($"nft: {fault}");
    }
}
