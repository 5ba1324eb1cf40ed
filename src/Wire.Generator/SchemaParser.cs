namespace Barnabas.Wire.Generator;

/// <summary>Reads the schema notation (docs/design/wire-notation.md) into a model.</summary>
internal static class SchemaParser
{
    private const string HeaderForm =
        "a message begins: api|record|key|value|data [number] <Name> versions <range> flexible <n>+|none [unstable] "
        + "[refilled]";

    public static List<DomainType> ParseTypes(string text) =>
        [.. SchemaLine.Of(text).Select(line => line.Words.Length == 3 && line.Words[0] == "type"
            ? new DomainType(line.Words[1], line.Words[2], line.Comment)
            : throw line.Fault("a line of types.wire reads: type <Name> <primitive>  # what it is"))];

    public static List<ErrorLine> ParseErrors(string text) =>
        [.. SchemaLine.Of(text).Select(line => line.Words.Length >= 3 && line.Words[0] == "error"
            ? new ErrorLine(line.Integer(line.Words[1]), line.Words[2], line.Words.Contains("retriable"),
                line.Words.Contains("refresh"), line.Comment)
            : throw line.Fault("a line of errors.wire reads: error <code> <Name> [retriable] [refresh]  # meaning"))];

    public static List<Message> ParseMessages(string text)
    {
        var messages = new List<Message>();
        var open = new Stack<(int Depth, List<Field> Into, Versions Versions)>();
        Message? api = null;
        Message? current = null;
        foreach (var line in SchemaLine.Of(text))
        {
            if (line.Depth == 0)
            {
                current = line.Words[0] is "request" or "response" ? Half(line, api) : Header(line);
                if (line.Words[0] == "api")
                    (api, current) = (current, null);
                else
                    messages.Add(current);
                open.Clear();
                if (current is not null)
                    open.Push((1, current.Fields, current.Versions));
                continue;
            }

            if (current is null)
                throw line.Fault(HeaderForm);
            while (open.Count > 0 && open.Peek().Depth > line.Depth)
                open.Pop();
            if (open.Count == 0 || open.Peek().Depth != line.Depth)
                throw line.Fault("a field stands one level below what it belongs to");
            open.Push((line.Depth + 1, Member(line, current, open.Peek()), open.Peek().Versions));
        }

        foreach (var request in messages.Where(m => m.Kind == MessageKind.Request))
        {
            var response = messages.Find(m => m.Kind == MessageKind.Response && m.Key == request.Key);
            request.Response = response?.Name;
        }

        return messages;
    }

    private static List<Field> Member(
        SchemaLine line, Message current, (int Depth, List<Field> Into, Versions Versions) open)
    {
        if (line.Comment.Length == 0)
            throw line.Fault($"say after '#' what {line.Words[0]} is");
        if (line.Words.Length < 2)
            throw line.Fault("a field reads: Name type [versions] [tag n] [= default] [~] [secret]");
        if (line.Words[0] == "struct")
        {
            var versions = line.Words.Length > 2 ? line.Range(line.Words[2], current.Versions) : current.Versions;
            var shared = new Struct(line.Words[1], line.Comment, versions.Within(current.Versions));
            current.Structs.Add(shared);
            return shared.Fields;
        }

        var field = ParseField(line, open.Versions, current.FlexibleFrom);
        open.Into.Add(field);
        return field.Fields;
    }

    private static Message Header(SchemaLine line)
    {
        var words = line.Words;
        var numbered = words.Length > 1 && int.TryParse(words[1], out _) ? 1 : 0;
        if (words.Length < 6 + numbered || words[2 + numbered] != "versions" || words[4 + numbered] != "flexible")
            throw line.Fault(HeaderForm);
        var kind = words[0] switch
        {
            "api" => MessageKind.Request,
            "record" => MessageKind.Record,
            "key" => MessageKind.CoordinatorKey,
            "value" => MessageKind.CoordinatorValue,
            "data" => MessageKind.Data,
            _ => throw line.Fault(HeaderForm),
        };
        if (line.Above.Length == 0)
            throw line.Fault("say above a message, after '#', what it is for");
        var flexible = line.Range(words[5 + numbered], Versions.All);
        return new Message(kind, words[1 + numbered], numbered == 1 ? line.Integer(words[1]) : null,
            line.Range(words[3 + numbered], Versions.All), flexible.IsEmpty ? short.MaxValue : flexible.First,
            line.Above)
        {
            IsUnstable = words.Contains("unstable"),
            IsRefilled = words.Contains("refilled"),
        };
    }

    private static Message Half(SchemaLine line, Message? api)
    {
        if (api is null)
            throw line.Fault("request and response stand below an api line");
        var isRequest = line.Words[0] == "request";
        return new Message(isRequest ? MessageKind.Request : MessageKind.Response,
            api.Name + (isRequest ? "Request" : "Response"), api.Key, api.Versions, api.FlexibleFrom, api.About)
        {
            IsUnstable = api.IsUnstable,
            IsRefilled = api.IsRefilled && isRequest,
        };
    }

    private static Field ParseField(SchemaLine line, Versions outer, int flexibleFrom)
    {
        var words = line.Words;
        if (!char.IsUpper(words[0][0]))
            throw line.Fault($"'{words[0]}' should begin with a capital: it becomes a property");
        var field = new Field(words[0], words[1], line.Number) { Versions = outer, About = line.Comment };
        for (var i = 2; i < words.Length; i++)
        {
            if (words[i] == "tag" && i + 1 < words.Length)
                field.Tag = line.Integer(words[++i]);
            else if (words[i] == "=" && i + 1 < words.Length)
                field.Default = words[++i];
            else if (words[i] == "~")
                field.Ignorable = true;
            else if (words[i] == "plain")
                field.Plain = true;
            else if (words[i] == "secret")
                field.IsSecret = true;
            else
                field.Versions = line.Range(words[i], outer).Within(outer);
        }

        ReadType(line, field);
        if (field.Tag is not null && field.Versions.First < flexibleFrom)
            throw line.Fault($"{field.Name} is tagged in a version before {flexibleFrom}, the first flexible one");
        return field;
    }

    private static void ReadType(SchemaLine line, Field field)
    {
        var type = field.Type;
        if (type.StartsWith("[]", StringComparison.Ordinal))
        {
            field.IsArray = true;
            type = type.Substring(2);
        }

        var mark = type.IndexOf('?');
        if (mark >= 0)
        {
            var from = type.Substring(mark + 1);
            field.Nullable = (from.Length == 0 ? Versions.All : line.Range(from, Versions.All)).Within(field.Versions);
            type = type.Substring(0, mark);
        }

        field.Type = type;
    }
}
