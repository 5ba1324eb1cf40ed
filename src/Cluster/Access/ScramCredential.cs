using System.Collections.Immutable;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>What a server keeps to check a SCRAM exchange (RFC 5802); the password cannot be had from it.</summary>
/// <param name="Salt">The salt.</param>
/// <param name="StoredKey">The hash of the client key.</param>
/// <param name="ServerKey">The server key.</param>
/// <param name="Iterations">How often the password was hashed.</param>
public sealed record ScramCredential(
    ImmutableArray<byte> Salt, ImmutableArray<byte> StoredKey, ImmutableArray<byte> ServerKey, int Iterations)
{
    /// <summary>Tells nothing of the keys.</summary>
    public override string ToString() => $"ScramCredential({Iterations} iterations)";

    internal static ScramCredential From(UserScramCredentialRecord record) => new(
        [.. record.Salt.Span], [.. record.StoredKey.Span], [.. record.ServerKey.Span], record.Iterations);

    internal UserScramCredentialRecord ToRecord(ScramUser user) => new()
    {
        Name = user.Name,
        Mechanism = user.Mechanism,
        Salt = Salt.AsMemory(),
        StoredKey = StoredKey.AsMemory(),
        ServerKey = ServerKey.AsMemory(),
        Iterations = Iterations,
    };
}
