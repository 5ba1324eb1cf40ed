using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Quorum;
using Barnabas.Wire;

namespace Barnabas.Node;

/// <summary>Whose data directories these are; new ones are made this node's.</summary>
internal static class Identity
{
    /// <summary>Opens all data directories, giving new ones the identity of the others.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="node">The node they belong to.</param>
    /// <param name="paths">Where they are.</param>
    /// <param name="bootstrap">The first records of a cluster, for new directories.</param>
    /// <returns>One a path, in the order of the paths.</returns>
    /// <exception cref="IOException">One is held by another process, belongs to another node or cluster, or cannot be
    /// used.</exception>
    public static IReadOnlyList<LogDirectory> OpenAll(
        Host host, BrokerId node, IReadOnlyList<string> paths, IReadOnlyList<ITypedRecord> bootstrap)
    {
        var open = new Dictionary<string, LogDirectory>(StringComparer.Ordinal);
        try
        {
            foreach (var path in paths.Where(path => IsFormatted(host, path)))
                open.Add(path, LogDirectory.Open(host, path));
            var clusterId = open.Values.FirstOrDefault()?.Meta.ClusterId ?? host.Random.NextUuid().ToString();
            foreach (var path in paths.Where(path => !open.ContainsKey(path)))
            {
                // A directory is formatted once it has its meta.properties.
                host.Disk.CreateDirectory(path);
                BootstrapCheckpoint.Write(host, path, bootstrap);
                LogDirectory.Format(host, path, clusterId, node);
                open.Add(path, LogDirectory.Open(host, path));
            }

            foreach (var directory in open.Values)
                Check(directory, node, clusterId);
            return [.. paths.Select(path => open[path])];
        }
        catch (IOException)
        {
            foreach (var directory in open.Values)
                directory.Dispose();
            throw;
        }
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
                $"{directory.Path} belongs to cluster {meta.ClusterId}, the other directories to {clusterId}");
        }
    }
}
