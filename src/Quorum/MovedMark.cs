using System.Text;
using Barnabas.Base;

namespace Barnabas.Quorum;

/// <summary>The file that says where the metadata of a node that was alone went: what the node has of it is no longer
/// what counts.</summary>
public static class MovedMark
{
    private const string Name = "moved-to-zookeeper";

    /// <summary>The mark of a log directory.</summary>
    public static string PathIn(string logDir) => Path.Combine(SoloReader.DirectoryIn(logDir), Name);

    /// <summary>Where the metadata went; null where it did not. Blocks.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static string? Read(IDisk disk, string logDir) =>
        DurableFile.Read(disk, PathIn(logDir)) is { } text ? Encoding.UTF8.GetString(text).Trim() : null;

    /// <summary>Says where it goes, durably. Blocks.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Write(IDisk disk, string logDir, string connect) =>
        DurableFile.Replace(
            disk, PathIn(logDir), PathIn(logDir) + ".tmp", [Encoding.UTF8.GetBytes($"{connect}\n")]);
}
