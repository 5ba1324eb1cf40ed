using System.Globalization;

namespace Barnabas.Cluster.Configs;

/// <summary>What values a config takes beyond those of its type, with Kafka's words for what it does not
/// take.</summary>
public sealed class ConfigLimits
{
    private readonly Func<string, object, string?> _faultOf;

    private ConfigLimits(string text, Func<string, object, string?> faultOf) =>
        (Text, _faultOf) = (text, faultOf);

    /// <summary>Any text or list but the empty one.</summary>
    public static ConfigLimits NotEmpty { get; } = new("not empty", static (name, value) => value switch
    {
        string { Length: 0 } => Invalid(name, value, "String must be non-empty"),
        IReadOnlyList<string> { Count: 0 } =>
            $"Configuration '{name}' must not be empty. Valid values include: any non-empty value",
        _ => null,
    });

    /// <summary>Pairs of partition and broker, or the star for all.</summary>
    public static ConfigLimits ThrottledReplicas { get; } = new("partition:broker or *", static (name, value) =>
    {
        var replicas = (IReadOnlyList<string>)value;
        if (replicas is [] or ["*"] || replicas.All(IsReplica))
            return null;
        const string Form = "[partitionId]:[brokerId],[partitionId]:[brokerId],...";
        var said = $"{name} must be the literal '*' or a list of replicas in the following format: {Form}";
        return Invalid(name, $"[{string.Join(", ", replicas)}]", said);
    });

    /// <summary>The limits in short, for documentation, such as <c>at least 1</c>.</summary>
    public string Text { get; }

    /// <summary>A number within bounds, both taken in.</summary>
    /// <param name="least">The least; null where there is none.</param>
    /// <param name="most">The greatest; null where there is none.</param>
    /// <param name="beside">A value outside that is taken too.</param>
    public static ConfigLimits Range(decimal? least, decimal? most, decimal? beside = null) =>
        new(RangeText(least, most, beside), (name, value) =>
        {
            var number = value is long whole ? whole : (double)value;
            var bounds = BoundText(least, most, beside);
            if (beside is { } other && number == (double)other)
                return null;
            if (least is { } min && number < (double)min)
                return Invalid(name, value, bounds ?? $"Value must be at least {Plain(min)}");
            if (most is { } max && number > (double)max)
                return Invalid(name, value, bounds ?? $"Value must be no more than {Plain(max)}");
            return null;
        });

    /// <summary>One of some words; in a list, each element one of them and none twice.</summary>
    /// <remarks>A word that ends in <c>*</c> stands for all that begin as it does.</remarks>
    public static ConfigLimits OneOf(string[] words, bool anyCase) =>
        new("one of " + string.Join(", ", words), (name, value) =>
        {
            if (value is string word)
                return Matches(words, word, anyCase) ? null : Invalid(name, word, Choice(words, anyCase));
            var list = (IReadOnlyList<string>)value;
            if (list.Distinct().Count() != list.Count)
                return $"Configuration '{name}' values must not be duplicated.";
            if (list.Contains(""))
                return $"Configuration '{name}' values must not be empty.";
            var strange = list.FirstOrDefault(element => !Matches(words, element, anyCase));
            return strange is null ? null : Invalid(name, strange, Choice(words, anyCase));
        });

    /// <summary>Says what is wrong with a value that was read; null when nothing is.</summary>
    internal string? FaultOf(string name, object value) => _faultOf(name, value);

    private static string Invalid(string name, object value, string said) =>
        $"Invalid value {ConfigSyntax.Format(value)} for configuration {name}: {said}";

    private static string Choice(string[] words, bool anyCase) =>
        $"String must be one of{(anyCase ? " (case insensitive)" : "")}: {string.Join(", ", words)}";

    private static bool Matches(string[] words, string text, bool anyCase)
    {
        var order = anyCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return words.Any(word => word.EndsWith('*')
            ? text.StartsWith(word[..^1], order)
            : text.Equals(word, order));
    }

    private static bool IsReplica(string text)
    {
        var colon = text.IndexOf(':');
        return text.Length == 0
            || (colon > 0 && text.AsSpan(0, colon).IndexOfAnyExceptInRange('0', '9') < 0
                && colon < text.Length - 1 && text.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0);
    }

    /// <summary>What Kafka says of a range that has a value beside it; null where it has none.</summary>
    private static string? BoundText(decimal? least, decimal? most, decimal? beside) =>
        (least, most, beside) is ({ } min, { } max, { } other)
            ? $"Value must be between {Plain(min)} and {Plain(max)} or equal to {Plain(other)}"
            : null;

    private static string RangeText(decimal? least, decimal? most, decimal? beside)
    {
        var text = (least, most) switch
        {
            ({ } min, { } max) => $"{Plain(min)} to {Plain(max)}",
            ({ } min, null) => $"at least {Plain(min)}",
            (null, { } max) => $"at most {Plain(max)}",
            _ => "",
        };
        return beside is { } other ? $"{text}, or {Plain(other)}" : text;
    }

    private static string Plain(decimal number) => number.ToString(CultureInfo.InvariantCulture);
}
