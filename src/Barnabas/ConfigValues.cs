using System.Globalization;

namespace Barnabas.Cli;

/// <summary>Configs as people write them: brokers know plain numbers only, so <c>retention.ms=7d</c> and
/// <c>segment.bytes=1GiB</c> are put into the unit that the config's name ends with.</summary>
internal static class ConfigValues
{
    private static readonly (string Ending, TimeSpan Unit)[] Times =
    [
        (".ms", TimeSpan.FromMilliseconds(1)), (".seconds", TimeSpan.FromSeconds(1)),
        (".minutes", TimeSpan.FromMinutes(1)), (".hours", TimeSpan.FromHours(1)),
    ];

    /// <summary>Both sides of <c>name=value</c>, the value as brokers read it.</summary>
    /// <exception cref="CliException">It is not of this form, or its time is no whole number of the config's
    /// unit.</exception>
    public static (string Key, string Value) Split(string pair)
    {
        var (key, value) = KeyValue.Split(pair);
        return (key, Of(key, value));
    }

    /// <summary>A value as brokers read it. What is neither a time nor a size stays as it is: the broker knows better
    /// what is wrong with it.</summary>
    /// <exception cref="CliException">A time is no whole number of the config's unit.</exception>
    public static string Of(string key, string value)
    {
        value = value.Trim();
        if (value.All(char.IsAsciiDigit))
            return value;
        if (key.EndsWith(".bytes", StringComparison.Ordinal) && Sizes.TryParse(value, out var bytes))
            return bytes.ToString(CultureInfo.InvariantCulture);
        var unit = Times.FirstOrDefault(t => key.EndsWith(t.Ending, StringComparison.Ordinal)).Unit;
        if (unit == TimeSpan.Zero || !char.IsAsciiLetter(value[^1]) || !Durations.TryParse(value, out var time))
            return value;
        return time.Ticks % unit.Ticks == 0
            ? (time.Ticks / unit.Ticks).ToString(CultureInfo.InvariantCulture)
            : throw CliException.Usage(
                $"'{value}' is no whole number of {key[(key.LastIndexOf('.') + 1)..]}, the unit of '{key}'");
    }
}
