namespace Barnabas.Wire.Generator;

/// <summary>What a field is in C#: its type, its default, and how large it is at least on the wire.</summary>
internal sealed class FieldTypes
{
    private readonly IReadOnlyDictionary<string, string> _domain;
    private readonly Dictionary<string, (List<Field> Fields, Versions Versions)> _structs = [];

    public FieldTypes(Message message, IReadOnlyDictionary<string, string> domain)
    {
        _domain = domain;
        foreach (var shared in message.Structs)
            _structs.Add(shared.Name, (shared.Fields, shared.Versions));
        Collect(message.Fields);
        foreach (var shared in message.Structs)
            Collect(shared.Fields);
    }

    public bool IsStruct(Field f) => _structs.ContainsKey(f.Type);

    public bool IsDomain(Field f) => _domain.ContainsKey(f.Type);

    /// <summary>The wire primitive of a field that is no struct.</summary>
    public string Wire(Field f) => _domain.TryGetValue(f.Type, out var wire) ? wire : f.Type == "ErrorCode" ? "int16" : f.Type;

    public string Element(Field f) => f.Type switch
    {
        "int8" => "sbyte",
        "int16" => "short",
        "uint16" => "ushort",
        "int32" => "int",
        "uint32" => "uint",
        "int64" => "long",
        "float64" => "double",
        "uuid" => "Uuid",
        "bytes" => "ReadOnlyMemory<byte>",
        "records" => "RecordBytes",
        "string" or "bool" or "ErrorCode" => f.Type,
        _ when IsDomain(f) || IsStruct(f) => f.Type,
        _ => throw new SchemaException(f.Line, $"'{f.Type}' is neither a primitive, nor a domain type, nor a struct of this message"),
    };

    public string Clr(Field f) => (f.IsArray ? $"List<{Element(f)}>" : Element(f)) + (f.IsNullable ? "?" : "");

    /// <summary>The initializer of the property, or nothing where C#'s own default is right.</summary>
    public string Initializer(Field f)
    {
        if (f.Default == "null")
            return "";
        if (f.IsArray)
            return " = [];";
        if (IsStruct(f))
            return " = new();";
        if (Wire(f) == "string")
            return $" = \"{f.Default}\";";
        if (f.Default is null)
            return f.IsNullable ? " = default(" + Element(f) + ");" : "";
        return IsDomain(f) ? $" = new({Literal(f)});" : $" = {Literal(f)};";
    }

    /// <summary>A C# condition that is true when the field holds its default.</summary>
    public string IsDefault(Field f, string value)
    {
        if (f.Default == "null")
            return $"{value} is null";
        var some = f.IsNullable ? value + "?" : value;
        if (f.IsArray)
            return $"{some}.Count == 0";
        if (IsStruct(f))
            return $"{some}.IsDefault" + (f.IsNullable ? " == true" : "");
        return Wire(f) switch
        {
            "string" => $"{value} == \"{f.Default}\"",
            "bytes" or "records" => $"{some}.Length == 0",
            "uuid" => $"{value} == default({Element(f)})",
            _ when IsDomain(f) => $"{value}.Value == {Literal(f)}",
            _ => f.Type == "ErrorCode" ? $"{value} == ErrorCode.None" : $"{value} == {Literal(f)}",
        };
    }

    /// <summary>The fewest bytes one element can take, so that a count can be held against the bytes at hand.</summary>
    public int ElementSize(Field f) => IsStruct(f) ? StructSize(f.Type, 0) : Wire(f) switch
    {
        "int16" or "uint16" => 2,
        "int32" or "uint32" => 4,
        "int64" or "float64" => 8,
        "uuid" => 16,
        _ => 1,
    };

    private int StructSize(string name, int depth)
    {
        var (fields, versions) = _structs[name];
        if (depth > 8)
            return 1;
        var size = fields
            .Where(f => f.Tag is null && f.Versions.Covers(versions))
            .Sum(f => f.IsArray || f.IsNullable ? 1 : IsStruct(f) ? StructSize(f.Type, depth + 1) : ElementSize(f));
        return Math.Max(size, 1);
    }

    private string Literal(Field f) => f.Default ?? (Wire(f) == "bool" ? "false" : "0");

    private void Collect(List<Field> fields)
    {
        foreach (var f in fields.Where(f => f.Fields.Count > 0))
        {
            if (_structs.ContainsKey(f.Type))
                throw new SchemaException(f.Line, $"{f.Type} is described twice");
            _structs.Add(f.Type, (f.Fields, f.Versions));
            Collect(f.Fields);
        }
    }
}
