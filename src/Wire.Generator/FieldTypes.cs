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
        if (f.Default == "null" || IsLazy(f) || HasObjectDefault(f))
            return "";
        if (Wire(f) == "string")
            return $" = \"{f.Default}\";";
        if (f.Default is null)
            return f.IsNullable ? " = default(" + Element(f) + ");" : "";
        return IsDomain(f) ? $" = new({Literal(f)});" : $" = {Literal(f)};";
    }

    /// <summary>The default as an expression.</summary>
    public string Default(Field f)
    {
        if (IsLazy(f) || HasObjectDefault(f))
            return ObjectDefault(f);
        var initializer = Initializer(f);
        return initializer.Length == 0 ? "default" : initializer.Substring(" = ".Length).TrimEnd(';');
    }

    public static string ObjectDefault(Field f) => f.IsArray ? "[]" : "new()";

    /// <summary>True where the default is an object and null is another value: the constructor sets it.</summary>
    public bool HasObjectDefault(Field f) => f.IsNullable && DefaultsToObject(f);

    /// <summary>True where the default is an object that is made when it is first asked for: most messages leave most
    /// of theirs as they are.</summary>
    public bool IsLazy(Field f) => !f.IsNullable && DefaultsToObject(f);

    /// <summary>Where a lazy field keeps its object.</summary>
    public static string Backing(Field f) => "_" + char.ToLowerInvariant(f.Name[0]) + f.Name.Substring(1);

    /// <summary>A C# condition that is true when the field holds its default, and makes none.</summary>
    public string IsDefault(Field f) =>
        IsLazy(f) ? $"({Backing(f)} is null || {IsDefault(f, Backing(f))})" : IsDefault(f, f.Name);

    private string IsDefault(Field f, string value)
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

    private bool DefaultsToObject(Field f) => f.Default != "null" && (f.IsArray || IsStruct(f));

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
