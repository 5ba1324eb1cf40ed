using Barnabas.Cluster.Configs;

namespace Barnabas.Node.Configuration;

/// <summary>Reads <c>barnabas.http.listener</c>: <c>host:port</c>, with or without <c>http://</c> before it.</summary>
internal static class HttpAddress
{
    private const string Name = "HTTP";
    private static readonly SortedDictionary<string, SecurityProtocol> Protocols = new(StringComparer.Ordinal)
    {
        [Name] = SecurityProtocol.Plaintext,
    };

    /// <summary>The address; null where the pages are off, and where <see cref="FaultOf"/> has something to
    /// say.</summary>
    public static Listener? Parse(string text) => TryParse(text, out var listener) ? listener : null;

    /// <summary>What is wrong with the text; null where nothing is.</summary>
    public static string? FaultOf(string text) =>
        text.Length == 0 || TryParse(text, out _)
            ? null
            : "it reads host:port, :port for every interface, or nothing for no pages; IPv6 stands in brackets";

    private static bool TryParse(string text, out Listener? listener)
    {
        listener = null;
        var full = text.Contains("://", StringComparison.Ordinal) ? text : $"{Name}://{text}";
        return text.Length > 0 && ListenerText.TryParse(full, Protocols, out listener, out _);
    }
}
