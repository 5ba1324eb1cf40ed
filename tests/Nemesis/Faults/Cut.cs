using Barnabas.Tests.Nemesis.Place;

namespace Barnabas.Tests.Nemesis.Faults;

/// <summary>Packets between some nodes vanish.</summary>
/// <param name="what">What it is, with whom it hits.</param>
/// <param name="links">The network.</param>
/// <param name="ways">Which ways, one way each.</param>
internal sealed class Cut(string what, Links links, IReadOnlyList<(string From, string To)> ways) : Fault(what)
{
    /// <inheritdoc/>
    public override Task InjectAsync()
    {
        links.Cut(ways);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task HealAsync()
    {
        links.Heal();
        return Task.CompletedTask;
    }

    /// <summary>All ways from a node to others.</summary>
    public static IEnumerable<(string From, string To)> From(string node, IEnumerable<string> others) =>
        others.Where(other => other != node).Select(other => (node, other));

    /// <summary>All ways from others to a node.</summary>
    public static IEnumerable<(string From, string To)> To(string node, IEnumerable<string> others) =>
        From(node, others).Select(static way => (way.To, way.From));

    /// <summary>All ways between a node and others.</summary>
    public static IReadOnlyList<(string From, string To)> Between(string node, IReadOnlyList<string> others) =>
        [.. From(node, others), .. To(node, others)];
}
