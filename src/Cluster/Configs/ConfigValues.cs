using Barnabas.Base;

namespace Barnabas.Cluster.Configs;

/// <summary>Reads configs as what they are: numbers, times, words.</summary>
/// <remarks>A value that cannot be read counts as not set: it can only stem from records of another
/// program.</remarks>
/// <param name="table">The definitions.</param>
/// <param name="setting">The value set for a name; null where none is.</param>
public sealed class ConfigValues(ConfigTable table, Func<string, string?> setting)
{
    /// <summary>The value as text; null where it is not set and has no default.</summary>
    public string? Text(string name) => Parsed(name) is { } value ? ConfigSyntax.Format(value) : null;

    /// <summary>The value as text; empty where it is not set and has no default.</summary>
    public string Word(string name) => Text(name) ?? "";

    /// <summary>The value of a boolean config that has a default.</summary>
    public bool Flag(string name) => Parsed(name) is true;

    /// <summary>The value of a whole number config; null where it is not set and has no default.</summary>
    public long? NumberOrNull(string name) => Parsed(name) as long?;

    /// <summary>The value of a long config that has a default.</summary>
    public long Number(string name) => Required(NumberOrNull(name), name);

    /// <summary>The value of an int or short config that has a default.</summary>
    public int Whole(string name) => checked((int)Number(name));

    /// <summary>The value of an int or short config at a listener: what is bound to it
    /// (<c>listener.name.&lt;listener&gt;.&lt;name&gt;</c>, the listener in lower case), else the config's
    /// own.</summary>
    public int WholeAt(string listener, string name)
    {
        var bound = setting(ConfigTable.BoundName(listener, name));
        return bound is not null && ConfigSyntax.TryParse(table[name].Type, bound, out var value, out _)
            ? checked((int)(long)value)
            : Whole(name);
    }

    /// <summary>The value of a double config that has a default.</summary>
    public double Fraction(string name) => Parsed(name) is double number ? number : 0;

    /// <summary>The elements of a list config, or of one that holds a list though Kafka calls it a string.</summary>
    public IReadOnlyList<string> List(string name) => Parsed(name) switch
    {
        IReadOnlyList<string> list => list,
        string text => ConfigSyntax.List(text.Trim()),
        _ => [],
    };

    /// <summary>The value of a config that counts milliseconds; more than a TimeSpan holds is its greatest
    /// value.</summary>
    public TimeSpan Time(string name) => FromMilliseconds(Number(name));

    /// <summary>The value of a config that counts milliseconds; null where it says "no limit": -1, or
    /// 2^63-1.</summary>
    public TimeSpan? TimeLimit(string name) =>
        NumberOrNull(name) is { } ms and >= 0 and < long.MaxValue ? FromMilliseconds(ms) : null;

    /// <summary>The value of a config that counts; null where it says "no limit": -1, or 2^63-1.</summary>
    public long? Limit(string name) =>
        NumberOrNull(name) is { } count and >= 0 and < long.MaxValue ? count : null;

    private static TimeSpan FromMilliseconds(long ms) =>
        ms >= TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond
            ? TimeSpan.MaxValue
            : TimeSpan.FromTicks(ms * TimeSpan.TicksPerMillisecond);

    private static long Required(long? number, string name)
    {
        Invariant.Holds(number is not null, $"the config {name} has a default");
        return number.Value;
    }

    private object? Parsed(string name)
    {
        var definition = table[name];
        if (setting(name) is { } set && ConfigSyntax.TryParse(definition.Type, set, out var value, out _))
            return value;
        if (definition.Default is not { } standard)
            return null;
        var reads = ConfigSyntax.TryParse(definition.Type, standard, out value, out _);
        Invariant.Holds(reads, $"the default of {name} can be read");
        return value;
    }
}
