namespace Barnabas.Log;

/// <summary>An entry of a sparse index: two columns of numbers that never decrease from entry to entry.</summary>
internal interface IIndexEntry<TSelf>
    where TSelf : struct, IIndexEntry<TSelf>
{
    /// <summary>Its bytes on disk.</summary>
    static abstract int Size { get; }

    /// <summary>The column looked up by.</summary>
    long Key { get; }

    /// <summary>The other column.</summary>
    long Target { get; }

    /// <summary>Reads an entry.</summary>
    static abstract TSelf Read(ReadOnlySpan<byte> bytes);

    /// <summary>Writes the entry.</summary>
    void Write(Span<byte> bytes);
}
