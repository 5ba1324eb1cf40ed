using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Quorum;
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
    /// <param name="join">Gives the id of the cluster, asked once the directories are this process's and before
    /// anything in them is touched. It is given the id they have; null where all are new.</param>
    /// <exception cref="IOException">One is held by another process, or belongs to another node or cluster; or the
    /// required one cannot be used, or none.</exception>
    public static async Task<OpenedDirectories> OpenAllAsync(
        Host host, BrokerId node, IReadOnlyList<string> paths, string? required, Func<string?, Task<string>> join)
    {
        var log = host.Log.CreateLogger<BrokerNode>();
        var claimed = new SortedDictionary<string, ClaimedDirectory>(StringComparer.Ordinal);
        var open = new Dictionary<string, LogDirectory>(StringComparer.Ordinal);
        var failed = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            var known = await host.Lanes.RunBlockingAsync(ClaimAll);
            var clusterId = await join(known);
            return await host.Lanes.RunBlockingAsync(() => OpenAll(clusterId));
        }
        catch (IOException)
        {
            foreach (var claim in claimed.Values)
                claim.Dispose();
            foreach (var directory in open.Values)
                directory.Dispose();
            throw;
        }

        string? ClaimAll()
        {
            foreach (var path in paths)
                Use(path, () => Claim(path));
            foreach (var (path, claim) in claimed)
                CheckNode(path, claim.Meta, node);
            return paths.Where(claimed.ContainsKey).Select(path => claimed[path].Meta.ClusterId).FirstOrDefault();
        }

        OpenedDirectories OpenAll(string clusterId)
        {
            foreach (var (path, claim) in claimed)
                CheckCluster(path, claim.Meta, clusterId);
            foreach (var path in paths.Where(path => !failed.Contains(path)))
            {
                Use(path, () => open.Add(path, claimed.TryGetValue(path, out var claim)
                    ? claim.Open()
                    : Make(host, path, clusterId, node)));
            }

            if (open.Count == 0)
                throw new IOException("no log directory can be used");
            return new(
                [.. paths.Where(open.ContainsKey).Select(path => open[path])], [.. paths.Where(failed.Contains)]);
        }

        void Claim(string path)
        {
            if (ClaimedDirectory.TryClaim(host, path) is { } claim)
                claimed.Add(path, claim);
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

    private static LogDirectory Make(Host host, string path, string clusterId, BrokerId node)
    {
        // A directory is formatted once it has its meta.properties.
        host.Disk.CreateDirectory(path);
        BootstrapCheckpoint.Write(host, path, Membership.Bootstrap);
        LogDirectory.Format(host, path, clusterId, node);
        return LogDirectory.Open(host, path);
    }

    private static void CheckNode(string path, MetaProperties meta, BrokerId node)
    {
        if (meta.NodeId != node)
            throw new IOException($"{path} belongs to node {meta.NodeId}, and this is node {node} (node.id)");
    }

    private static void CheckCluster(string path, MetaProperties meta, string clusterId)
    {
        if (meta.ClusterId != clusterId)
        {
            throw new IOException(
                $"{path} belongs to cluster {meta.ClusterId}, and the node would join {clusterId} "
                + "(INCONSISTENT_CLUSTER_ID)");
        }
    }

    [LoggerMessage(LogLevel.Error, "Log directory {Path} cannot be used; what is in it stays offline")]
    private static partial void SayFailed(ILogger log, string path, IOException fault);
}

/// <summary>The data directories of a node at its start.</summary>
/// <param name="Open">Those that can be used, in the order they were given.</param>
/// <param name="Failed">The paths of the others.</param>
internal sealed record OpenedDirectories(IReadOnlyList<LogDirectory> Open, IReadOnlyList<string> Failed);
