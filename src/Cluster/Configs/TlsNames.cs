using System.Net.Security;
using System.Security.Authentication;

namespace Barnabas.Cluster.Configs;

/// <summary>What Kafka's configs call versions of TLS, cipher suites and the check of names.</summary>
public static class TlsNames
{
    /// <summary>A version that may be spoken; null for what is none, or is not safe any more.</summary>
    public static SslProtocols? Protocol(string name) => name switch
    {
        "TLSv1.2" => SslProtocols.Tls12,
        "TLSv1.3" => SslProtocols.Tls13,
        // Java's word for what it would speak.
        "TLS" => SslProtocols.Tls12 | SslProtocols.Tls13,
        _ => null,
    };

    /// <summary>A cipher suite by the name that IANA and Java have for it; null for what is none.</summary>
    public static TlsCipherSuite? Suite(string name) =>
        name.StartsWith("TLS_", StringComparison.Ordinal) && Enum.TryParse<TlsCipherSuite>(name, out var suite)
            ? suite
            : null;

    /// <summary>Whether names are held against certificates; null for a word that says neither.</summary>
    public static bool? ChecksName(string algorithm) => algorithm.Trim().ToUpperInvariant() switch
    {
        "HTTPS" => true,
        "" => false,
        _ => null,
    };
}
