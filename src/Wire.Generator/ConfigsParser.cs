using System.Globalization;

namespace Barnabas.Wire.Generator;

/// <summary>Reads configs.wire.</summary>
internal static class ConfigsParser
{
    private const string Form =
        "a config reads: kind name type [= default] [limits] [importance] [update mode] [from name...] "
        + "[internal] [inert]";

    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;
    private static readonly string[] Kinds = ["topic", "broker", "group", "client-metrics"];
    private static readonly string[] Types =
        ["boolean", "string", "int", "short", "long", "double", "list", "class", "password"];

    public static List<ConfigLine> Parse(string text)
    {
        var configs = new List<ConfigLine>();
        foreach (var line in SchemaLine.Of(text))
            configs.Add(ParseLine(line));
        CheckNames(configs);
        foreach (var config in configs)
            CheckDefault(config);
        return configs;
    }

    private static ConfigLine ParseLine(SchemaLine line)
    {
        var words = line.Words;
        if (words.Length < 3 || line.Depth != 0)
            throw line.Fault(Form);
        if (!Kinds.Contains(words[0]))
            throw line.Fault($"'{words[0]}' is no kind of config: {string.Join(", ", Kinds)}");
        if (!Types.Contains(words[2]))
            throw line.Fault($"'{words[2]}' is no type of config: {string.Join(", ", Types)}");
        if (line.Comment.Length == 0)
            throw line.Fault("a config says behind # what it means");

        var config = new ConfigLine(line, words[0], words[1], words[2]);
        for (var i = 3; i < words.Length; i++)
            i = ParseWord(config, words, i);
        return config;
    }

    /// <summary>Takes in the attribute that begins at a word; answers the last word it took.</summary>
    private static int ParseWord(ConfigLine config, string[] words, int at)
    {
        var word = words[at];
        switch (word)
        {
            case "=":
                if (at + 1 == words.Length)
                    throw config.Line.Fault("a default stands behind =");
                config.IsRequired = false;
                config.Default = words[at + 1] switch { "null" => null, "\"\"" => "", var text => text };
                return at + 1;
            case "high" or "medium" or "low":
                config.Importance = word;
                return at;
            case "per-broker" or "cluster-wide":
                config.UpdateMode = word;
                return at;
            case "internal":
                config.IsInternal = true;
                return at;
            case "inert":
                config.IsInert = true;
                return at;
            case "from":
                return ParseFrom(config, words, at);
            default:
                ParseLimit(config, word);
                return at;
        }
    }

    private static int ParseFrom(ConfigLine config, string[] words, int at)
    {
        while (at + 1 < words.Length && words[at + 1].Contains('.'))
        {
            var star = words[++at].IndexOf('*');
            config.From.Add(star < 0
                ? new(words[at], 1)
                : new(words[at].Substring(0, star), config.Line.Integer(words[at].Substring(star + 1))));
        }

        return config.From.Count > 0 ? at : throw config.Line.Fault("broker configs stand behind from");
    }

    private static void ParseLimit(ConfigLine config, string word)
    {
        var limit = config.Limit ??= new ConfigLimit();
        if (word == "anycase" && limit.Words is not null)
            limit.AnyCase = true;
        else if (word == "nonempty")
            limit.NotEmpty = true;
        else if (word == "replicas")
            limit.Replicas = true;
        else if (word[0] == '{' && word[word.Length - 1] == '}')
            limit.Words = word.Substring(1, word.Length - 2).Split('|');
        else if (word[0] == '[' && word[word.Length - 1] == ']')
            ParseRange(config, limit, word.Substring(1, word.Length - 2));
        else
            throw config.Line.Fault($"'{word}' says nothing here; {Form}");
    }

    private static void ParseRange(ConfigLine config, ConfigLimit limit, string range)
    {
        var bar = range.IndexOf('|');
        if (bar >= 0)
        {
            limit.Beside = Number(config, range.Substring(bar + 1));
            range = range.Substring(0, bar);
        }

        var dots = range.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0)
            throw config.Line.Fault("a range reads [least..greatest]");
        limit.Min = Number(config, range.Substring(0, dots));
        limit.Max = Number(config, range.Substring(dots + 2));
    }

    private static string? Number(ConfigLine config, string word)
    {
        if (word.Length == 0)
            return null;
        return decimal.TryParse(word, NumberStyles.Number, Plain, out _)
            ? word
            : throw config.Line.Fault($"'{word}' is not a number");
    }

    private static void CheckNames(List<ConfigLine> configs)
    {
        var seen = new HashSet<string>();
        var brokers = new HashSet<string>(configs.Where(c => c.Kind == "broker").Select(c => c.Name));
        foreach (var config in configs)
        {
            if (!seen.Add(config.Kind + " " + config.Identifier))
                throw config.Line.Fault($"the {config.Kind} config {config.Name} stands here twice");
            foreach (var from in config.From.Where(f => !brokers.Contains(f.Key)))
                throw config.Line.Fault($"no broker config is called {from.Key}");
        }
    }

    private static void CheckDefault(ConfigLine config)
    {
        if (config.Default is not { } text)
            return;
        var fits = config.Type switch
        {
            "boolean" => text is "true" or "false",
            "short" => short.TryParse(text, NumberStyles.AllowLeadingSign, Plain, out _),
            "int" => int.TryParse(text, NumberStyles.AllowLeadingSign, Plain, out _),
            "long" => long.TryParse(text, NumberStyles.AllowLeadingSign, Plain, out _),
            "double" => double.TryParse(text, NumberStyles.Float, Plain, out _),
            _ => true,
        };
        if (!fits)
            throw config.Line.Fault($"the default '{text}' is no {config.Type}");
        if (config.Limit is { Words: { } words } && text.Length > 0)
        {
            var order = config.Limit.AnyCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
            foreach (var word in config.Type == "list" ? text.Split(',') : [text])
            {
                if (!words.Contains(word, order))
                    throw config.Line.Fault($"the default '{word}' is none of {string.Join(", ", words)}");
            }
        }

        CheckRange(config, text);
    }

    private static void CheckRange(ConfigLine config, string text)
    {
        if (config.Limit is not { } limit || (limit.Min ?? limit.Max) is null || text == limit.Beside)
            return;
        if (!decimal.TryParse(text, NumberStyles.Float, Plain, out var number))
            throw config.Line.Fault($"a range is for numbers, not for '{text}'");
        var below = limit.Min is { } min && number < decimal.Parse(min, Plain);
        var above = limit.Max is { } max && number > decimal.Parse(max, Plain);
        if (below || above)
            throw config.Line.Fault($"the default {text} lies outside [{limit.Min}..{limit.Max}]");
    }
}
