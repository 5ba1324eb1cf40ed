using System.Collections.Immutable;
using Barnabas.Groups.Classic;

namespace Barnabas.Groups.Consumer;

/// <summary>What a member of the classic protocol said that the consumer protocol has no place for.</summary>
/// <param name="SessionTimeout">After how long without a heartbeat it is taken for dead.</param>
/// <param name="Protocols">The assignors it knows, the one it likes best first, each with what it wants to know.
/// </param>
public sealed record ClassicFacet(TimeSpan SessionTimeout, ImmutableArray<MemberProtocol> Protocols)
{
    /// <summary>True for the same timeout and the same protocols, byte by byte.</summary>
    public bool Equals(ClassicFacet? other) =>
        other is not null
        && SessionTimeout == other.SessionTimeout
        && Protocols.AsSpan().SequenceEqual(other.Protocols.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(SessionTimeout, Protocols.Length);
}
