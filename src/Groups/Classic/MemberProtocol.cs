namespace Barnabas.Groups.Classic;

/// <summary>An assignor that a member knows.</summary>
/// <param name="Name">The assignor's name.</param>
/// <param name="Metadata">What it wants to know of the member; owned, never a part of a frame.</param>
public readonly record struct MemberProtocol(string Name, ReadOnlyMemory<byte> Metadata)
{
    /// <summary>True for the same assignor with the same metadata, byte by byte.</summary>
    public bool Equals(MemberProtocol other) =>
        Name == other.Name && Metadata.Span.SequenceEqual(other.Metadata.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Metadata.Length);
}
