namespace Barnabas.Node.Configuration;

/// <summary>All that a node's configs are read from. Whoever starts the node fetches it from the
/// machine.</summary>
public sealed record ConfigInputs
{
    /// <summary>The config file; null where the node is started without one.</summary>
    public ConfigFile? File { get; init; }

    /// <summary>The environment: <c>KAFKA_…</c> and <c>BARNABAS_…</c> are looked at.</summary>
    public IEnumerable<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>The values of <c>--override</c>, each <c>key=value</c>; a later one wins.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>The machine's name: what clients are told where a listener names no host.</summary>
    public string HostName { get; init; } = "localhost";
}

/// <summary>A config file.</summary>
/// <param name="Name">What to call it in messages.</param>
/// <param name="Text">What stands in it: Java properties.</param>
public sealed record ConfigFile(string Name, string Text);
