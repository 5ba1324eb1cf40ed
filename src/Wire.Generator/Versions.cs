namespace Barnabas.Wire.Generator;

/// <summary>An inclusive range of message versions. <c>None</c> is empty.</summary>
internal readonly struct Versions : IEquatable<Versions>
{
    public static readonly Versions None = new(1, 0);

    public static readonly Versions All = new(0, short.MaxValue);

    public Versions(int first, int last) => (First, Last) = (first, last);

    public int First { get; }

    public int Last { get; }

    public bool IsEmpty => First > Last;

    public bool Has(int version) => First <= version && version <= Last;

    public Versions Within(Versions outer) => new(Math.Max(First, outer.First), Math.Min(Last, outer.Last));

    public bool Covers(Versions inner) => inner.IsEmpty || (First <= inner.First && Last >= inner.Last);

    /// <summary>A C# condition on <c>version</c> true in this range, given that it lies in <paramref name="scope"/>;
    /// empty when it is always true.</summary>
    public string Condition(Versions scope)
    {
        if (IsEmpty)
            return "false";
        var from = First > scope.First ? $"version >= {First}" : "";
        var upTo = Last < scope.Last ? $"version <= {Last}" : "";
        return from.Length > 0 && upTo.Length > 0 ? $"{from} && {upTo}" : from + upTo;
    }

    public bool Equals(Versions other) => First == other.First && Last == other.Last;

    public override bool Equals(object? obj) => obj is Versions v && Equals(v);

    public override int GetHashCode() => (First * 397) ^ Last;
}
