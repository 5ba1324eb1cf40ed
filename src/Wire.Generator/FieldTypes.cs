namespace Barnabas.Wire.Generator;

/// <summary>What a field is in C#: its type and its default.</summary>
internal sealed class FieldTypes
{
    private readonly IReadOnlyDictionary<string, string> _domain;
    private readonly Dictionary<string, List<Field>> _structs = [];

    public FieldTypes(Message message, IReadOnlyDictionary<string, string> domain)
    {
        _domain = domain;
        foreach (var shared in message.Structs)
            _structs.Add(shared.Name, shared.Fields);
        Collect(message.Fields);
        foreach (var shared in message.Structs)
            Collect(shared.Fields);
    }

    public bool IsStruct(Field f) => _structs.ContainsKey(f.Type);

    public List<Field> Members(Field f) => _structs[f.Type];

    public bool IsDomain(Field f) => _domain.ContainsKey(f.Type);

    /// <summary>The wire primitive of a field that is no struct.</summary>
    public string Wire(Field f) => _domain.TryGetValue(f.Type, out var wire) ? wire
        : f.Type == "ErrorCode" ? "int16"
        : f.Type;

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
        _ => throw new SchemaException(
            f.Line, $"'{f.Type}' is neither a primitive, nor a domain type, nor a struct of this message"),
    };

    public string Clr(Field f) => (f.IsArray ? $"List<{Element(f)}>" : Element(f)) + (f.IsNullable ? "?" : "");

    /// <summary>The initializer of the property; nothing where C#'s own default is right, or the constructor sees to
    /// it.</summary>
    public string Initializer(Field f)
    {
        if (f.Default == "null" || HasObjectDefault(f))
            return "";
        if (Wire(f) == "string")
            return $" = \"{f.Default}\";";
        if (f.Default is null)
            return f.IsNullable ? " = default(" + Element(f) + ");" : "";
        return IsDomain(f) ? $" = new({Literal(f)});" : $" = {Literal(f)};";
    }

    public static string ObjectDefault(Field f) => f.IsArray ? "[]" : "new()";

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

    /// <summary>True where the default is an object, which a reader would make only to replace it.</summary>
    public bool HasObjectDefault(Field f) => f.Default != "null" && (f.IsArray || IsStruct(f));

    private string Literal(Field f) => f.Default ?? (Wire(f) == "bool" ? "false" : "0");

    private void Collect(List<Field> fields)
    {
        foreach (var f in fields.Where(f => f.Fields.Count > 0))
        {
            if (_structs.ContainsKey(f.Type))
                throw new SchemaException(f.Line, $"{f.Type} is described twice");
            _structs.Add(f.Type, f.Fields);
            Collect(f.Fields);
        }
    }
}
