using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Barnabas.Cluster.Configs;

namespace Barnabas.Node.Configuration;

/// <summary>Reads <c>NAME://host:port</c>, and the map from names to protocols.</summary>
internal static class ListenerText
{
    private const string Form = "a listener reads NAME://host:port, with IPv6 addresses in brackets";

    /// <summary>Reads one listener. Its protocol is looked up by its name in
    /// <paramref name="protocols"/>.</summary>
    public static bool TryParse(
        string text, IReadOnlyDictionary<string, SecurityProtocol> protocols,
        [NotNullWhen(true)] out Listener? listener, out string fault)
    {
        listener = null;
        fault = $"Unable to parse {text} to a broker endpoint: {Form}";
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var colon = text.LastIndexOf(':');
        if (scheme <= 0 || colon < scheme + 3)
            return false;

        var host = text[(scheme + 3)..colon];
        var isBracketed = host.StartsWith('[') && host.EndsWith(']');
        if (isBracketed)
            host = host[1..^1];
        if (!host.All(IsHostSign) || (host.Contains(':') && !isBracketed))
            return false;
        var digits = text.AsSpan(colon + 1);
        if (!ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            fault = $"Unable to parse {text} to a broker endpoint: the port must be a number from 0 to 65535";
            return false;
        }

        var name = text[..scheme].ToUpperInvariant();
        if (!protocols.TryGetValue(name, out var protocol))
        {
            fault = $"No security protocol defined for listener {name}: "
                + $"add {name}:PLAINTEXT to listener.security.protocol.map";
            return false;
        }

        listener = new(name, protocol, host, port);
        return true;
    }

    /// <summary>Reads <c>NAME:PROTOCOL,…</c>; what is wrong with it is the answer, null when nothing
    /// is.</summary>
    public static string? ParseMap(
        IReadOnlyList<string> pairs, SortedDictionary<string, SecurityProtocol> into)
    {
        foreach (var pair in pairs)
        {
            var colon = pair.LastIndexOf(':');
            if (colon <= 0)
                return $"'{pair}' is not of the form NAME:PROTOCOL";
            var word = pair[(colon + 1)..].Trim();
            if (ProtocolOf(word) is not { } protocol)
                return $"there is no security protocol '{word}': PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL";
            if (!into.TryAdd(pair[..colon].Trim().ToUpperInvariant(), protocol))
                return $"the listener {pair[..colon]} stands there twice";
        }

        return null;
    }

    private static SecurityProtocol? ProtocolOf(string word) => word.ToUpperInvariant() switch
    {
        "PLAINTEXT" => SecurityProtocol.Plaintext,
        "SSL" => SecurityProtocol.Ssl,
        "SASL_PLAINTEXT" => SecurityProtocol.SaslPlaintext,
        "SASL_SSL" => SecurityProtocol.SaslSsl,
        _ => null,
    };

    private static bool IsHostSign(char c) =>
        char.IsAsciiLetterOrDigit(c) || c is '-' or '%' or '.' or '_' or ':';
}
