using System.Text;

namespace Barnabas.Wire.Generator;

/// <summary>Writes the small types that everything shares: domain integers, error codes, API keys.</summary>
internal static class TypesEmitter
{
    private static readonly string[] Comparisons = ["<", ">", "<=", ">="];

    public static void EmitDomainType(DomainType type, CodeWriter o)
    {
        var name = type.Name;
        if (type.Primitive == "uuid")
        {
            o.Summary(type.About);
            o.Block($"public readonly partial record struct {name}(Uuid Value) : IComparable<{name}>", () =>
            {
                o.Line("/// <inheritdoc/>");
                o.Line($"public int CompareTo({name} other) => Value.CompareTo(other.Value);");
                o.Line("/// <summary>Kafka's text form of the id.</summary>");
                o.Line("public override string ToString() => Value.ToString();");
            });
            return;
        }

        var clr = type.Primitive switch { "int8" => "sbyte", "int16" => "short", "int32" => "int", _ => "long" };
        o.Summary(type.About);
        o.Line("/// <param name=\"Value\">The bare number, as on the wire.</param>");
        o.Block($"public readonly partial record struct {name}({clr} Value) : IComparable<{name}>", () =>
        {
            o.Line("/// <inheritdoc/>");
            o.Line($"public int CompareTo({name} other) => Value.CompareTo(other.Value);");
            o.Line("/// <summary>The bare number.</summary>");
            o.Line("public override string ToString() =>");
            o.Line("    Value.ToString(System.Globalization.CultureInfo.InvariantCulture);");
            foreach (var op in Comparisons)
            {
                o.Line("/// <summary>Compares the bare numbers.</summary>");
                o.Line($"public static bool operator {op}({name} left, {name} right) => left.Value {op} right.Value;");
            }
        });
    }

    public static void EmitErrors(List<ErrorLine> errors, CodeWriter o)
    {
        o.Summary("How a request came out: the protocol's error codes");
        o.Block("public enum ErrorCode : short", () =>
        {
            foreach (var e in errors)
            {
                o.Summary(e.About);
                o.Line($"{e.Name} = {e.Code},");
            }
        });
        o.Summary("What is known of error codes beside their numbers");
        o.Block("public static class ErrorCodes", () =>
        {
            Predicate(o, "IsRetriable", "True when the same request may succeed later", errors.Where(e => e.Retriable));
            Predicate(
                o, "WantsFreshMetadata", "True when metadata should be fetched anew before a retry",
                errors.Where(e => e.Refresh));
            Table(
                o, "KafkaName", "Kafka's name of the code, such as <c>NOT_LEADER_OR_FOLLOWER</c>",
                errors, e => Upper(e.Name), "UNKNOWN_SERVER_ERROR");
            Table(
                o, "Meaning", "What the code says, in a sentence",
                errors, e => CodeWriter.Sentence(e.About), "An error code this version does not know.");
        });
    }

    public static void EmitApiKeys(List<Message> requests, CodeWriter o)
    {
        o.Summary("The number by which a request names its API");
        o.Block("public enum ApiKey : short", () =>
        {
            foreach (var request in requests.OrderBy(r => r.Key))
            {
                o.Summary(request.About);
                o.Line($"{ApiOf(request)} = {request.Key},");
            }
        });
        o.Summary("What is known of APIs beside their numbers");
        o.Block("public static class ApiKeys", () =>
        {
            o.Summary("The first version of an API's messages, the last that is stable, and the last");
            o.Line("public static (short First, short LastStable, short Last) Versions(this ApiKey key) => key switch");
            o.Line("{");
            foreach (var request in requests.OrderBy(r => r.Key))
            {
                var (first, last) = (request.Versions.First, request.Versions.Last);
                o.Line($"    ApiKey.{ApiOf(request)} => ({first}, {request.LastStable}, {last}),");
            }

            o.Line("    _ => throw new ArgumentOutOfRangeException(nameof(key)),");
            o.Line("};");
        });
    }

    /// <summary>A factory for the records of one log, those of a folder: from a record's type to its reader.</summary>
    public static void EmitRecordFactory(string folder, List<Message> records, CodeWriter o)
    {
        o.Summary($"Reads {folder} records by the type that stands before them");
        o.Block($"public static class {char.ToUpperInvariant(folder[0])}{folder.Substring(1)}Records", () =>
        {
            o.Line("/// <summary>Reads one record; null where the type or version is unknown.</summary>");
            o.Line("/// <exception cref=\"MalformedFrameException\">The bytes are no such record.</exception>");
            o.Line("public static ITypedRecord? Read(int type, short version, ref WireReader r) => type switch");
            o.Line("{");
            foreach (var m in records.OrderBy(r => r.Key))
            {
                o.Line($"    {m.Key} when version is >= {m.Versions.First} and <= {m.Versions.Last}");
                o.Line($"        => {m.Name}.Read(ref r, version),");
            }

            o.Line("    _ => null,");
            o.Line("};");
        });
    }

    private static string ApiOf(Message request) => request.Name.Substring(0, request.Name.Length - "Request".Length);

    private static void Predicate(CodeWriter o, string name, string about, IEnumerable<ErrorLine> errors)
    {
        o.Summary(about);
        var names = string.Join(" or ", errors.Select(e => "ErrorCode." + e.Name));
        o.Line($"public static bool {name}(this ErrorCode code) => code is {names};");
    }

    private static void Table(
        CodeWriter o, string name, string about, List<ErrorLine> errors, Func<ErrorLine, string> text, string otherwise)
    {
        o.Line($"/// <summary>{about}.</summary>");
        o.Line($"public static string {name}(this ErrorCode code) => code switch");
        o.Line("{");
        foreach (var e in errors)
            o.Line($"    ErrorCode.{e.Name} => \"{text(e).Replace("\"", "\\\"")}\",");
        o.Line($"    _ => \"{otherwise}\",");
        o.Line("};");
    }

    private static string Upper(string pascal)
    {
        var text = new StringBuilder();
        foreach (var c in pascal)
        {
            if (char.IsUpper(c) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToUpperInvariant(c));
        }

        return text.ToString();
    }
}
