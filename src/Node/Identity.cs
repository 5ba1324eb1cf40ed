using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Quorum;
using Barnabas.Wire;
using Microsoft.Extensions.Logging;

namespace Barnabas.Node;

/// <summary>Whose data directories these are; new ones are made this node's.</summary>
internal static partial class Identity
{
    /// <summary>Opens all data directories, giving new ones the identity of the others. One that cannot be used is left
    /// out, as Kafka does: the node serves from the others.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="node">The node they belong to.</param>
    /// <param name="paths">Where they are.</param>
    /// <param name="required">The one without which the node cannot be: that of the metadata; null where the node keeps
    /// none.</param>
    /// <param name="bootstrap">The first records of a cluster, for new directories.</param>
    /// <param name="cluster">The id of the cluster; null where the directories say so, or begin it.</param>
    /// <exception cref="IOException">One is held by another process, or belongs to another node or cluster; or the
    /// required one cannot be used, or none.</exception>
    public static OpenedDirectories OpenAll(
        Host host, BrokerId node, IReadOnlyList<string> paths, string? required,
        IReadOnlyList<ITypedRecord> bootstrap, string? cluster = null)
    {
        var log = host.Log.CreateLogger<BrokerNode>();
        var open = new Dictionary<string, LogDirectory>(StringComparer.Ordinal);
        var failed = new List<string>();
        try
        {
            var blank = new List<string>();
            foreach (var path in paths)
            {
                Use(path, () =>
                {
                    if (IsFormatted(host, path))
                        open.Add(path, LogDirectory.Open(host, path));
                    else
                        blank.Add(path);
                });
            }

            var clusterId = cluster ?? open.Values.FirstOrDefault()?.Meta.ClusterId
                ?? host.Random.NextUuid().ToString();
            foreach (var path in blank)
                Use(path, () => open.Add(path, Make(host, path, clusterId, node, bootstrap)));
            foreach (var directory in open.Values)
                Check(directory, node, clusterId);
            if (open.Count == 0)
                throw new IOException("no log directory can be used");
            return new([.. paths.Where(open.ContainsKey).Select(path => open[path])], failed);
        }
        catch (IOException)
        {
            foreach (var directory in open.Values)
                directory.Dispose();
            throw;
        }

        void Use(string path, Action use)
        {
            try
            {
                use();
            }
            catch (IOException fault) when (path != required && fault is not DirectoryInUseException)
            {
                SayFailed(log, path, fault);
                failed.Add(path);
            }
        }
    }

    private static LogDirectory Make(
        Host host, string path, string clusterId, BrokerId node, IReadOnlyList<ITypedRecord> bootstrap)
    {
        // A directory is formatted once it has its meta.properties.
        host.Disk.CreateDirectory(path);
        BootstrapCheckpoint.Write(host, path, bootstrap);
        LogDirectory.Format(host, path, clusterId, node);
        return LogDirectory.Open(host, path);
    }

    private static bool IsFormatted(Host host, string path) =>
        host.Disk.FileExists(Path.Combine(path, "meta.properties"));

    private static void Check(LogDirectory directory, BrokerId node, string clusterId)
    {
        var meta = directory.Meta;
        if (meta.NodeId != node)
            throw new IOException($"{directory.Path} belongs to node {meta.NodeId}, and this is node {node} (node.id)");
        if (meta.ClusterId != clusterId)
        {
            throw new IOException(
                $"{directory.Path} belongs to cluster {meta.ClusterId}, and the node to {clusterId}");
        }
    }

    [LoggerMessage(LogLevel.Error, "Log directory {Path} cannot be used; what is in it stays offline")]
    private static partial void SayFailed(ILogger log, string path, IOException fault);
}

/// <summary>The data directories of a node at its start.</summary>
/// <param name="Open">Those that can be used, in the order they were given.</param>
/// <param name="Failed">The paths of the others.</param>
internal sealed record OpenedDirectories(IReadOnlyList<LogDirectory> Open, IReadOnlyList<string> Failed);
