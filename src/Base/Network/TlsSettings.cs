using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Barnabas.Base;

/// <summary>How connections are encrypted: who we are, whom we believe, and what may be spoken. Made once, for many
/// connections.</summary>
public sealed record TlsSettings
{
    /// <summary>The certificate that says who we are, its key, and what lies between it and its root; null for
    /// none.</summary>
    public SslStreamCertificateContext? Identity { get; init; }

    /// <summary>The roots that are trusted; null for those of the system.</summary>
    public X509Certificate2Collection? Trusted { get; init; }

    /// <summary>The versions of TLS that may be spoken; none for what the system would.</summary>
    public SslProtocols Protocols { get; init; }

    /// <summary>The cipher suites that may be spoken; empty for what the system would.</summary>
    public IReadOnlyList<TlsCipherSuite> CipherSuites { get; init; } = [];

    /// <summary>Whether a server's certificate has to name the host that was dialled.</summary>
    public bool ChecksName { get; init; } = true;
}
