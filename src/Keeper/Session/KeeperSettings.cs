using Barnabas.Base;

namespace Barnabas.Keeper;

/// <summary>How a client is joined to an ensemble.</summary>
/// <param name="Connect">Where it is (<c>zookeeper.connect</c>).</param>
public sealed record KeeperSettings(ConnectString Connect)
{
    /// <summary>How long a session outlives the last word of its client; the servers may change it
    /// (<c>zookeeper.session.timeout.ms</c>).</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(18);

    /// <summary>The longest request that is made, in bytes: at most what the servers take
    /// (<c>jute.maxbuffer</c>).</summary>
    public int MaxFrameBytes { get; init; } = 0xfffff;

    /// <summary>The longest answer that is taken, in bytes. Servers do not limit theirs: the names of many children may
    /// be more than any request.</summary>
    public int MaxAnswerBytes { get; init; } = 16 << 20;

    /// <summary>Who the client says it is, in order; empty for nobody. With <c>digest</c> the credentials are
    /// <c>user:password</c>.</summary>
    public IReadOnlyList<KeeperCredentials> Credentials { get; init; } = [];

    /// <summary>With whom the connection is opened by SASL DIGEST-MD5; null for without.</summary>
    public DigestLogin? Login { get; init; }

    /// <summary>How connections are encrypted; null for not at all.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>Who may do what with nodes that are made; null for anyone everything.</summary>
    public IReadOnlyList<KeeperAcl>? Acl { get; init; }

    /// <summary>Who may do what with nodes that are there to be seen: others may read what only
    /// <see cref="Acl"/>'s may change.</summary>
    internal IReadOnlyList<KeeperAcl>? ShownAcl => Acl is null ? null : KeeperAcl.CreatorAllOthersRead;
}
