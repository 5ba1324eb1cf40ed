namespace Barnabas.Keeper;

/// <summary>One identity of a client.</summary>
/// <param name="Scheme">How it is proved: <c>digest</c>, or another that the servers know.</param>
/// <param name="Proof">The scheme's bytes.</param>
public sealed record KeeperCredentials(string Scheme, ReadOnlyMemory<byte> Proof);
