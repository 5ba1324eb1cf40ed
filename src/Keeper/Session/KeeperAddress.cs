namespace Barnabas.Keeper;

/// <summary>Where a server listens.</summary>
/// <param name="Host">A name, or an address as text.</param>
/// <param name="Port">The port.</param>
public readonly record struct KeeperAddress(string Host, int Port)
{
    /// <inheritdoc/>
    public override string ToString() =>
        Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
