using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Quorum;

/// <summary>The file <c>bootstrap.checkpoint</c> of a formatted directory: the first records of a new
/// cluster.</summary>
public static class BootstrapCheckpoint
{
    private const string FileName = "bootstrap.checkpoint";

    /// <summary>Writes the records into <paramref name="logDir"/>, durably. Blocks.</summary>
    public static void Write(Host host, string logDir, IReadOnlyList<ITypedRecord> records) => SnapshotFile.Write(
        host.Disk, Path.Combine(logDir, FileName), new SnapshotContent(0, 0, records), VoterSet.Unrecorded,
        host.Time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Reads the records of <paramref name="logDir"/>; null where there is no such file. Blocks.</summary>
    /// <exception cref="MetadataDamagedException">The file is damaged.</exception>
    public static IReadOnlyList<ITypedRecord>? Read(Host host, string logDir)
    {
        var path = Path.Combine(logDir, FileName);
        return host.Disk.FileExists(path) ? SnapshotFile.Read(host.Disk, path).Records : null;
    }
}
