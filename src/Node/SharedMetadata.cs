using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Log;
using Barnabas.Quorum;

namespace Barnabas.Node;

/// <summary>The metadata of a cluster whose nodes share a process: to learn with, and for tests.</summary>
/// <remarks>It lives in a directory of its own, so that the cluster is there again when the process starts anew. A
/// cluster that has to survive its processes keeps its metadata elsewhere.</remarks>
public sealed class SharedMetadata : IAsyncDisposable
{
    private static readonly BrokerId Keeper = new(0);
    private readonly LogDirectory _directory;

    private SharedMetadata(LogDirectory directory, SharedJournal<ClusterState> journal) =>
        (_directory, Journal) = (directory, journal);

    /// <summary>The cluster's id.</summary>
    public string ClusterId => _directory.Meta.ClusterId;

    /// <summary>The metadata log.</summary>
    internal SharedJournal<ClusterState> Journal { get; }

    /// <summary>Opens it, or makes it where there is none.</summary>
    /// <param name="host">Where it lives.</param>
    /// <param name="path">Its directory.</param>
    /// <param name="server">What the nodes are given: the sizes of logs and snapshots come from there.</param>
    /// <exception cref="IOException">The directory cannot be used, or what is in it is damaged.</exception>
    public static async Task<SharedMetadata> OpenAsync(Host host, string path, ServerConfigs server)
    {
        var config = new EffectiveConfigs(server).Broker(StoredConfigs.Empty).MetadataLog;
        var (open, _) = await Identity.OpenAllAsync(
            host, Keeper, [path], path, known => Task.FromResult(known ?? host.Random.NextUuid().ToString()));
        var journal = await SharedJournal.OpenAsync<ClusterState>(
            host, MetadataRole.SoloSettingsOf(Keeper, open[0], config), ClusterSnapshot.ToRecords,
            MetadataRole.RulesOf(config));
        return new SharedMetadata(open[0], journal);
    }

    /// <summary>A node ended without a word: where it led the metadata, another does from now on.</summary>
    public Task ForgetAsync(BrokerId node) => Journal.ForgetAsync(node);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        _directory.Dispose();
    }
}
