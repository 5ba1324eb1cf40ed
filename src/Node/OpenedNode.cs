using Barnabas.Cluster.Configs;
using Barnabas.Log;

namespace Barnabas.Node;

/// <summary>A node whose directories are open, and which is about to follow its cluster's metadata.</summary>
/// <param name="Directories">The directories that can be used.</param>
/// <param name="Failed">The paths of the others.</param>
/// <param name="Metadata">The cluster's state.</param>
internal sealed record OpenedNode(
    IReadOnlyList<LogDirectory> Directories, IReadOnlyList<string> Failed, MetadataRole Metadata)
{
    /// <summary>The cluster's id.</summary>
    public string ClusterId => Directories[0].Meta.ClusterId;

    /// <summary>Ends when what the cluster remembers is replayed.</summary>
    public Task Replayed { get; init; } = Task.CompletedTask;

    /// <summary>The directories that hold partitions: that of the metadata need not be one of them.</summary>
    public IReadOnlyList<LogDirectory> LogDirectoriesOf(BrokerConfig config) =>
        [.. Directories.Where(directory => config.LogDirs.Contains(directory.Path))];
}
