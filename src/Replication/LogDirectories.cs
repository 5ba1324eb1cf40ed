using Barnabas.Log;
using Microsoft.Extensions.Logging;

namespace Barnabas.Replication;

/// <summary>The broker's log directories: where new partitions go, and what happens when one fails.</summary>
/// <remarks>Owned by the lane of <see cref="Replicas"/>.</remarks>
/// <param name="directories">Those that could be opened.</param>
/// <param name="failed">The paths of the others.</param>
/// <param name="log">Where failures are told.</param>
public sealed partial class LogDirectories(
    IReadOnlyList<LogDirectory> directories, IReadOnlyList<string> failed, ILogger log)
{
    private readonly Dictionary<LogDirectory, int> _partitions = directories.ToDictionary(d => d, _ => 0);

    /// <summary>The absolute paths of those that could not be opened at the start.</summary>
    public IReadOnlyList<string> Failed { get; } = [.. failed.Select(Path.GetFullPath)];

    /// <summary>All that could be opened, in the order configured.</summary>
    public IReadOnlyList<LogDirectory> All { get; } = directories;

    /// <summary>Those that still serve.</summary>
    public IEnumerable<LogDirectory> Online => All.Where(d => !d.IsOffline);

    /// <summary>The directory a new partition goes to: the one with the fewest, the first of equals.</summary>
    /// <param name="full">Directories without room for it.</param>
    /// <returns>Null when all others are offline.</returns>
    public LogDirectory? ForNewPartition(IReadOnlyCollection<LogDirectory> full) =>
        Online.Except(full).MinBy(d => _partitions[d]);

    /// <summary>Counts a partition in.</summary>
    public void Joined(LogDirectory directory) => _partitions[directory]++;

    /// <summary>Counts a partition out.</summary>
    public void Left(LogDirectory directory) => _partitions[directory]--;

    /// <summary>Gives a directory up after a fault; false where it was given up before.</summary>
    public bool Fail(LogDirectory directory, IOException fault)
    {
        if (directory.IsOffline)
            return false;
        SayOffline(log, directory.Path, fault);
        directory.TakeOffline(fault.Message);
        return true;
    }

    [LoggerMessage(LogLevel.Error, "Log directory {Path} is taken offline; its partitions answer KAFKA_STORAGE_ERROR")]
    private static partial void SayOffline(ILogger log, string path, IOException fault);
}
