using System.Collections.Immutable;

namespace Barnabas.Groups.Consumer;

/// <summary>What a member of the classic protocol said that the consumer protocol has no place for.</summary>
/// <param name="SessionTimeout">After how long without a heartbeat it is taken for dead.</param>
/// <param name="Protocols">The assignors it knows, the one it likes best first, each with what it wants to know.
/// </param>
public sealed record ClassicFacet(
    TimeSpan SessionTimeout, ImmutableArray<(string Name, ReadOnlyMemory<byte> Metadata)> Protocols)
{
    /// <summary>True for the same timeout and the same protocols, byte by byte.</summary>
    public bool Equals(ClassicFacet? other) =>
        other is not null
        && SessionTimeout == other.SessionTimeout
        && Protocols.Length == other.Protocols.Length
        && Protocols.Zip(other.Protocols).All(pair =>
            pair.First.Name == pair.Second.Name
            && pair.First.Metadata.Span.SequenceEqual(pair.Second.Metadata.Span));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(SessionTimeout, Protocols.Length);
}
