using System.Globalization;

namespace Barnabas.Wire.Generator;

/// <summary>Finds what a schema says that makes no sense, before it becomes C# that does not compile.</summary>
internal sealed class SchemaCheck
{
    private readonly FieldTypes _types;

    public SchemaCheck(FieldTypes types) => _types = types;

    /// <summary>Checks the fields of a message or struct, and those of the structs described within.</summary>
    /// <exception cref="SchemaException">A field is at fault.</exception>
    public void Check(List<Field> fields)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var tags = new HashSet<int>();
        foreach (var field in fields)
        {
            _types.Element(field);
            if (!names.Add(field.Name))
                throw new SchemaException(field.Line, $"{field.Name} stands here twice");
            if (field.Tag is { } tag && !tags.Add(tag))
                throw new SchemaException(field.Line, $"tag {tag} is taken");
            CheckDefault(field);
            Check(field.Fields);
        }
    }

    private void CheckDefault(Field field)
    {
        if (field.Default is not { } text)
            return;
        var isRight = text == "null"
            ? field.IsNullable
            : !field.IsArray && !_types.IsStruct(field) && IsLiteral(_types.Wire(field), text);
        if (!isRight)
            throw new SchemaException(field.Line, $"{field.Name} cannot be {text} by default");
    }

    private static bool IsLiteral(string wire, string text) => wire switch
    {
        "bool" => text is "true" or "false",
        "string" => true,
        "bytes" or "records" or "uuid" or "float64" => false,
        "int8" => IsWithin(text, sbyte.MinValue, sbyte.MaxValue),
        "int16" => IsWithin(text, short.MinValue, short.MaxValue),
        "uint16" => IsWithin(text, 0, ushort.MaxValue),
        "int32" => IsWithin(text, int.MinValue, int.MaxValue),
        "uint32" => IsWithin(text, 0, uint.MaxValue),
        _ => IsWithin(text, long.MinValue, long.MaxValue),
    };

    private static bool IsWithin(string text, long from, long to) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n)
        && n >= from && n <= to;
}
