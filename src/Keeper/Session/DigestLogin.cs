namespace Barnabas.Keeper;

/// <summary>A user of ZooKeeper's SASL DIGEST-MD5.</summary>
/// <param name="User">The name.</param>
/// <param name="Password">The secret.</param>
public sealed record DigestLogin(string User, string Password)
{
    /// <inheritdoc/>
    public override string ToString() => $"DigestLogin {{ User = {User} }}";
}
