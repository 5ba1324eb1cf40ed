using System.Globalization;
using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>The file <c>.kafka_cleanshutdown</c>: it tells the next start that nothing needs to be
/// recovered.</summary>
internal static class CleanShutdownFile
{
    private const string Name = ".kafka_cleanshutdown";
    private const string Front = "{\"version\":0,\"brokerEpoch\":";

    /// <summary>Writes the file, durably.</summary>
    public static void Write(IDisk disk, string directory, long brokerEpoch) =>
        AtomicFile.Write(disk, Path.Combine(directory, Name), Format(brokerEpoch));

    /// <summary>True where the file is.</summary>
    public static bool IsIn(IDisk disk, string directory) => disk.FileExists(Path.Combine(directory, Name));

    /// <summary>Looks for the file and removes it, durably: from now on only another clean stop counts.</summary>
    /// <returns>Whether it was there, and the broker epoch it names; null where an old version wrote it.</returns>
    public static (bool Found, long? BrokerEpoch) Take(IDisk disk, string directory)
    {
        var path = Path.Combine(directory, Name);
        if (AtomicFile.TryRead(disk, path) is not { } text)
            return (false, null);
        disk.DeleteFile(path);
        disk.SyncDirectory(directory);
        return (true, TryParse(text));
    }

    /// <summary>The file's text, without a line's end.</summary>
    internal static string Format(long brokerEpoch) =>
        string.Create(CultureInfo.InvariantCulture, $"{Front}{brokerEpoch}}}");

    private static long? TryParse(string text)
    {
        var dense = string.Concat(text.Where(static letter => !char.IsWhiteSpace(letter)));
        return dense.StartsWith(Front, StringComparison.Ordinal) && dense.EndsWith('}')
            && long.TryParse(dense.AsSpan(Front.Length, dense.Length - Front.Length - 1), NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture, out var epoch)
            ? epoch
            : null;
    }
}
