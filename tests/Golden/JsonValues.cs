using System.Collections;
using System.Reflection;
using System.Text.Json;
using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Tests.Golden;

/// <summary>Compares messages with the JSON of the vectors, field by field.</summary>
/// <remarks>Keys are field names with a small first letter; bytes and records are base64, ids Kafka's text form. A
/// field without a key must hold its default.</remarks>
internal static class JsonValues
{
    /// <summary>What differs, as <c>path: actual, expected</c>; empty when nothing does.</summary>
    public static IEnumerable<string> Differences(object? actual, JsonElement expected, string path = "")
    {
        switch (actual)
        {
            case null:
                return expected.ValueKind == JsonValueKind.Null ? [] : [$"{path}: null, {expected}"];
            case string text:
                return Same(path, text, expected.GetString());
            case bool truth:
                return Same(path, truth, expected.GetBoolean());
            case double number:
                return Same(path, number, expected.GetDouble());
            case Uuid id:
                return Same(path, id.ToString(), expected.GetString());
            case ReadOnlyMemory<byte> bytes:
                return Same(path, Convert.ToBase64String(bytes.Span), expected.GetString());
            case RecordBytes records:
                return Same(path, Convert.ToBase64String(records.Memory.Span), expected.GetString());
            case Enum code:
                return Same(path, Convert.ToInt64(code, null), expected.GetInt64());
            case IList list:
                return OfList(list, expected, path);
            case sbyte or short or ushort or int or uint or long:
                return Same(path, Convert.ToInt64(actual, null), expected.GetInt64());
        }

        // A domain type is a value that wraps a primitive.
        return actual.GetType().IsValueType
            ? Differences(actual.GetType().GetProperty("Value")!.GetValue(actual), expected, path)
            : OfStruct(actual, expected, path);
    }

    /// <summary>The fields of a message class or of one of its structs.</summary>
    public static IEnumerable<PropertyInfo> Fields(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.CanWrite && p.PropertyType != typeof(UnknownTags));

    private static List<string> OfStruct(object actual, JsonElement expected, string path)
    {
        if (expected.ValueKind != JsonValueKind.Object)
            return [$"{path}: a struct, {expected}"];
        var differences = new List<string>();
        var fields = Fields(actual.GetType()).ToDictionary(p => char.ToLowerInvariant(p.Name[0]) + p.Name[1..]);
        foreach (var pair in expected.EnumerateObject())
        {
            if (fields.Remove(pair.Name, out var field))
                differences.AddRange(Differences(field.GetValue(actual), pair.Value, $"{path}.{field.Name}"));
            else
                differences.Add($"{path}: no field for {pair.Name}");
        }

        var defaults = Activator.CreateInstance(actual.GetType())!;
        foreach (var field in fields.Values)
            differences.AddRange(Unset(field.GetValue(actual), field.GetValue(defaults), $"{path}.{field.Name}"));
        return differences;
    }

    private static IEnumerable<string> Unset(object? actual, object? byDefault, string path) => actual switch
    {
        IList list => list.Count == 0 ? [] : [$"{path}: should be empty"],
        ReadOnlyMemory<byte> bytes => bytes.IsEmpty ? [] : [$"{path}: should be empty"],
        RecordBytes records => records.Length == 0 ? [] : [$"{path}: should be empty"],
        not null when !actual.GetType().IsValueType && actual is not string => Fields(actual.GetType())
            .SelectMany(f => Unset(f.GetValue(actual), f.GetValue(byDefault), $"{path}.{f.Name}")),
        _ => Same(path, actual, byDefault),
    };

    private static IEnumerable<string> OfList(IList actual, JsonElement expected, string path)
    {
        if (expected.ValueKind != JsonValueKind.Array || expected.GetArrayLength() != actual.Count)
            return [$"{path}: {actual.Count} elements, {expected}"];
        return actual.Cast<object>().SelectMany((e, i) => Differences(e, expected[i], $"{path}[{i}]"));
    }

    private static IEnumerable<string> Same<T>(string path, T actual, T expected) =>
        EqualityComparer<T>.Default.Equals(actual, expected) ? [] : [$"{path}: {actual}, {expected}"];
}
