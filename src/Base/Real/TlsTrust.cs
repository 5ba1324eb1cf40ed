using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Barnabas.Base.Real;

/// <summary>Whether a server is believed, and why not. For one connection.</summary>
/// <param name="settings">Whom we believe.</param>
/// <param name="name">The host that was dialled.</param>
internal sealed class TlsTrust(TlsSettings settings, string name)
{
    /// <summary>Why the server was not believed; null where it was, or was not heard.</summary>
    public string? Refusal { get; private set; }

#pragma warning disable CA1416 // Windows has no choice of cipher suites; the product is for Linux.
    /// <summary>What the runtime is asked for.</summary>
    public SslClientAuthenticationOptions Options()
    {
        // Nothing is fetched from elsewhere: neither certificates nor lists of those that were revoked.
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        if (settings.Trusted is { } trusted)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(trusted);
        }

        return new SslClientAuthenticationOptions
        {
            TargetHost = name,
            EnabledSslProtocols = settings.Protocols,
            ClientCertificateContext = settings.Identity,
            CertificateChainPolicy = policy,
            CipherSuitesPolicy = settings.CipherSuites.Count > 0 ? new CipherSuitesPolicy(settings.CipherSuites) : null,
            RemoteCertificateValidationCallback = (_, _, chain, errors) => Believes(chain, errors),
        };
    }
#pragma warning restore CA1416

    private bool Believes(X509Chain? chain, SslPolicyErrors errors)
    {
        if (!settings.ChecksName)
            errors &= ~SslPolicyErrors.RemoteCertificateNameMismatch;
        Refusal = errors switch
        {
            SslPolicyErrors.None => null,
            SslPolicyErrors.RemoteCertificateNotAvailable => "it shows no certificate",
            SslPolicyErrors.RemoteCertificateNameMismatch => $"its certificate does not name {name}",
            _ => "its certificate is not trusted: "
                + string.Join(", ", chain?.ChainStatus.Select(static status => status.StatusInformation) ?? []),
        };
        return Refusal is null;
    }
}
