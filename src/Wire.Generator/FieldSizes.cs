namespace Barnabas.Wire.Generator;

/// <summary>How large elements of arrays are: at least on the wire, and about on the heap. A count from the wire is
/// held against both before memory is taken.</summary>
internal sealed class FieldSizes
{
    private const int Reference = 8;
    private const int ObjectHeader = 16;
    private const int EmptyList = 32;
    private readonly Message _message;
    private readonly FieldTypes _types;

    public FieldSizes(Message message, FieldTypes types) => (_message, _types) = (message, types);

    /// <summary>A C# expression: the fewest bytes one element takes in <c>version</c>.</summary>
    public string OnWire(Field f)
    {
        var arms = new List<string>();
        var first = Math.Max(f.Versions.First, _message.Versions.First);
        var last = Math.Min(f.Versions.Last, _message.Versions.Last);
        for (var version = first; version <= last; version++)
        {
            if (version < last && Smallest(f, version) == Smallest(f, version + 1))
                continue;
            arms.Add($"{(version == last ? "_" : $"<= {version}")} => {Smallest(f, version)}");
        }

        return arms.Count == 1 ? arms[0].Substring("_ => ".Length) : $"version switch {{ {string.Join(", ", arms)} }}";
    }

    /// <summary>The bytes of heap one element takes, without its strings and the elements of its own arrays.</summary>
    public int OnHeap(Field f) => _types.IsStruct(f) ? Reference + Object(f) : Slot(f);

    private int Smallest(Field f, int version) =>
        Math.Max(_types.IsStruct(f) ? Struct(f, version) : Value(f, version), 1);

    private int Struct(Field f, int version) =>
        (IsFlexible(version) ? 1 : 0) + _types.Members(f).Where(m => m.Tag is null && m.Versions.Has(version)).Sum(m =>
            m.IsArray ? (IsFlexible(version) ? 1 : 4)
            : !_types.IsStruct(m) ? Value(m, version)
            : m.IsNullable ? 1
            : Struct(m, version));

    private int Value(Field f, int version) => _types.Wire(f) switch
    {
        "string" => IsFlexible(version) && !f.Plain ? 1 : 2,
        "bytes" or "records" => IsFlexible(version) ? 1 : 4,
        "int16" or "uint16" => 2,
        "int32" or "uint32" => 4,
        "int64" or "float64" => 8,
        "uuid" => 16,
        _ => 1,
    };

    private int Object(Field f) => ObjectHeader + Reference + _types.Members(f).Sum(m =>
        m.IsArray ? Reference + EmptyList
        : !_types.IsStruct(m) ? Slot(m)
        : Reference + Object(m));

    private int Slot(Field f) => _types.Wire(f) switch
    {
        "string" or "int64" or "float64" => 8,
        "bytes" => f.IsNullable ? 24 : 16,
        "records" => f.IsNullable ? 40 : 32,
        "uuid" => 16,
        "int32" or "uint32" => 4,
        "int16" or "uint16" => 2,
        _ => 1,
    };

    private bool IsFlexible(int version) => version >= _message.FlexibleFrom;
}
