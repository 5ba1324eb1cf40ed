using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Keeper;
using Barnabas.Log;
using Barnabas.Quorum;
using Barnabas.Wire;

namespace Barnabas.Node;

/// <summary>Takes the metadata of a node that was alone into the ensemble that its configs name, while the node does
/// not run. Its records stay where they are.</summary>
/// <remarks>Nothing counts in the ensemble before all of it is there and was read back. From the moment it may count, a
/// mark in the node's metadata keeps the node from going on without the ensemble; a move that was broken off is made
/// again.</remarks>
public static class MetadataMove
{
    /// <summary>Moves it.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="server">What the node is given from now on; it names the ensemble.</param>
    /// <returns>What was moved.</returns>
    /// <exception cref="IOException">The node runs, has no metadata or damaged ones; or the ensemble refuses, does not
    /// answer, or keeps something there already.</exception>
    public static async Task<MovedMetadata> RunAsync(Host host, ServerConfigs server)
    {
        var given = new EffectiveConfigs(server).Broker(StoredConfigs.Empty);
        Invariant.Holds(given.ZooKeeper is not null, "the configs name the ensemble");
        var claims = new List<ClaimedDirectory>();
        try
        {
            var home = Claim(host, given, claims);
            var (state, last) = await ReadAsync(host, given, home);
            var records = ClusterSnapshot.ToRecords(state)
                ?? throw new IOException("the metadata ends within a transaction: start the node, stop it, try again");
            var settings = EnsembleSettings.Of(host, given.ZooKeeper, given.Id);
            var path = given.MetadataLog.Directory;
            var place = $"{settings.Ensemble.Connect}";
            var before = MovedMark.Read(host.Disk, path);
            if (before is not null && before != place)
            {
                throw new IOException(
                    $"a move of this node to {before} was begun: end that one, or remove {MovedMark.PathIn(path)} to "
                    + "give it up");
            }

            var cluster = new ImportedCluster(home.Meta.ClusterId, last with { Records = [.. records] })
            {
                MayBeThere = before is not null,
                Begun = () => host.Lanes.RunBlockingAsync(() =>
                {
                    MovedMark.Write(host.Disk, path, place);
                    return true;
                }),
            };
            var isNew = await KeeperImport.RunAsync(host, host.Lanes.NewLane("move"), settings, cluster);
            return new(cluster.Id, place, state.Topics.Count, cluster.State.Records.Count, isNew);
        }
        finally
        {
            foreach (var claim in claims)
                claim.Dispose();
        }
    }

    /// <summary>Makes sure that the node does not run, and is the one that is meant.</summary>
    /// <returns>The directory of its metadata.</returns>
    private static ClaimedDirectory Claim(Host host, BrokerConfig given, List<ClaimedDirectory> claims)
    {
        ClaimedDirectory? home = null;
        foreach (var path in given.LogDirs.Append(given.MetadataLog.Directory).Distinct(StringComparer.Ordinal))
        {
            if (ClaimedDirectory.TryClaim(host, path) is not { } claim)
                continue;
            claims.Add(claim);
            if (claim.Meta.NodeId != given.Id)
                throw new IOException($"{path} belongs to node {claim.Meta.NodeId}, and this is {given.Id} (node.id)");
            if (claim.Meta.ClusterId != claims[0].Meta.ClusterId)
                throw new IOException($"{path} belongs to another cluster than the node's other log directories");
            if (path == given.MetadataLog.Directory)
                home = claim;
        }

        return home ?? throw new IOException($"{given.MetadataLog.Directory} holds no metadata of a node");
    }

    /// <summary>The state that the node remembers, and which record was its last.</summary>
    private static async Task<(ClusterState State, Committed<ITypedRecord> Last)> ReadAsync(
        Host host, BrokerConfig given, ClaimedDirectory home)
    {
        var directory = given.MetadataLog.Directory;
        var memory = await SoloMemory.ReadAsync(
            host, new SoloSettings(directory, new Voter(given.Id, home.Meta.DirectoryId ?? Uuid.Zero))
            {
                CleanShutdown = home.WasCleanlyShutDown,
            });
        if (memory.IsBlank)
            throw new IOException($"{directory} holds no metadata of a node");
        var (state, last) = (ClusterState.Empty, default(Committed<ITypedRecord>));
        foreach (var batch in memory.Snapshot is { } snapshot ? memory.Batches.Prepend(snapshot) : memory.Batches)
            (state, last) = (state.Apply(batch.Records), batch);
        return (state, last with { Epoch = memory.Epoch });
    }
}

/// <summary>What a move took to an ensemble.</summary>
/// <param name="ClusterId">The cluster.</param>
/// <param name="Connect">Where it is now: the value of <c>zookeeper.connect</c>.</param>
/// <param name="Topics">How many topics it has.</param>
/// <param name="Records">How many records its state is.</param>
/// <param name="IsNew">False where an earlier move had taken it there.</param>
public sealed record MovedMetadata(string ClusterId, string Connect, int Topics, int Records, bool IsNew);
