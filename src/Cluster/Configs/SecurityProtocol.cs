namespace Barnabas.Cluster.Configs;

/// <summary>How a connection is secured, as registrations number it.</summary>
public enum SecurityProtocol : short
{
    /// <summary>Not at all.</summary>
    Plaintext = 0,

    /// <summary>TLS.</summary>
    Ssl = 1,

    /// <summary>SASL over plain TCP.</summary>
    SaslPlaintext = 2,

    /// <summary>SASL over TLS.</summary>
    SaslSsl = 3,
}
