namespace Barnabas.Cli;

/// <summary>Arguments of the form <c>key=value</c>.</summary>
internal static class KeyValue
{
    /// <summary>Both sides of the first equals sign.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public static (string Key, string Value) Split(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at > 0
            ? (text[..at].Trim(), text[(at + 1)..])
            : throw CliException.Usage($"'{text}' is not of the form key=value");
    }
}
