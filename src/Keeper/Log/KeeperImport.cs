using System.Text;
using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>Puts the metadata of a node that was alone into an ensemble, while nobody runs: a snapshot, where a
/// <see cref="KeeperJournal"/> goes on with the next offset and a later epoch.</summary>
/// <remarks>The ensemble shows nothing of it before all of it is there and was read back. An import that was broken off
/// is made again from the start.</remarks>
public static class KeeperImport
{
    private const int Attempts = 5;

    /// <summary>Imports, and reads back what was written. From any lane.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="lane">A lane for it.</param>
    /// <param name="settings">The ensemble; below its root there must be nothing.</param>
    /// <param name="cluster">What to import.</param>
    /// <returns>False where an earlier import had done all of it.</returns>
    /// <exception cref="IOException">Something is there already, the ensemble refuses or does not answer, or what was
    /// read back is not what was written.</exception>
    public static Task<bool> RunAsync(
        Host host, Lane lane, KeeperJournalSettings settings, ImportedCluster cluster) =>
        lane.RunAsync(async () =>
        {
            var client = KeeperClient.Start(host, lane, settings.Ensemble);
            var late = host.Time.CreateTimer(
                _ => lane.Post(Give), null, settings.OpenTimeout, Timeout.InfiniteTimeSpan);
            try
            {
                if (!await BeginAsync(client, cluster))
                    return false;
                // The ensemble is there and takes it: from here on it may last.
                await late.DisposeAsync();
                await cluster.Begun();
                await WriteAsync(client, settings, cluster.State);
                await ReadBackAsync(client, cluster.State);
                await EndAsync(client, cluster);
                return true;
            }
            finally
            {
                await late.DisposeAsync();
                await client.DisposeAsync();
            }

            async void Give() => await client.DisposeAsync();
        });

    /// <summary>Makes sure that nothing is there, but for an import that was broken off.</summary>
    /// <returns>False where all of it is there.</returns>
    private static async Task<bool> BeginAsync(KeeperClient client, ImportedCluster cluster)
    {
        await MustAsync(client.MakeRootAsync(), "the root");
        var children = await client.GetChildrenAsync("/");
        Must(children.Error, "the root");
        // What ZooKeeper itself keeps at the top of an ensemble.
        var names = children.Value.Names.Where(static name => name != "zookeeper").ToArray();
        if (cluster.MayBeThere && await HoldsAsync(client, KeeperLayout.Cluster, cluster.Id))
            return false;
        if (names is ["barnabas"] && await HoldsAsync(client, KeeperLayout.Root, KeeperLayout.Importing))
        {
            await RemoveAsync(client, KeeperLayout.Root);
            names = [];
        }

        if (names.Length > 0)
            throw new IOException($"the ensemble keeps something there already: {string.Join(", ", names.Order())}");
        var begun = await client.CreateAsync(KeeperLayout.Root, Encoding.ASCII.GetBytes(KeeperLayout.Importing));
        Must(begun.Error, KeeperLayout.Root);
        return true;
    }

    private static async Task<bool> HoldsAsync(KeeperClient client, string path, string text)
    {
        var answer = await client.GetDataAsync(path);
        if (answer.Error == KeeperError.NoNode)
            return false;
        Must(answer.Error, path);
        return Encoding.ASCII.GetString(answer.Value.Data.Span) == text;
    }

    private static async Task WriteAsync(
        KeeperClient client, KeeperJournalSettings settings, Committed<ITypedRecord> state)
    {
        var content = KeeperJournal.Encode(state.Records);
        var path = KeeperLayout.Snapshot(state.LastOffset + 1, state.Epoch);
        Must((await client.CreateAsync(KeeperLayout.Snapshots, default)).Error, KeeperLayout.Snapshots);
        Must((await client.CreateAsync(path, default)).Error, path);
        var chunks = settings.Chunks(content);
        for (var i = 0; i < chunks.Count; i++)
        {
            var part = KeeperLayout.Part(path, i);
            Must((await client.CreateAsync(part, chunks[i])).Error, part);
        }

        var manifest = new SnapshotManifest(
            state.LastOffset + 1, state.Epoch, state.Timestamp, chunks.Count, content.Length);
        Must((await client.SetDataAsync(path, manifest.ToBytes())).Error, path);
    }

    private static async Task ReadBackAsync(KeeperClient client, Committed<ITypedRecord> state)
    {
        try
        {
            var read = await new JournalStore(client).ReadSnapshotAsync();
            Must(read.Error, KeeperLayout.Snapshots);
            var same = KeeperJournal.Encode(read.Value.Records).Span
                .SequenceEqual(KeeperJournal.Encode(state.Records).Span);
            if (!same || (read.Value with { Records = state.Records }) != state)
                throw new IOException("what was read back is not what was written");
        }
        catch (MalformedFrameException damage)
        {
            throw new IOException($"what was written cannot be read back: {damage.Message}", damage);
        }
    }

    /// <summary>Makes all of it count, at once.</summary>
    private static async Task EndAsync(KeeperClient client, ImportedCluster cluster)
    {
        var state = cluster.State;
        KeeperChange[] changes =
        [
            KeeperChange.Create(KeeperLayout.Cluster, Encoding.ASCII.GetBytes(cluster.Id)),
            KeeperChange.Create(KeeperLayout.Election, default),
            KeeperChange.Create(KeeperLayout.Epoch, KeeperLayout.Number(state.Epoch)),
            KeeperChange.Create(KeeperLayout.End, KeeperLayout.Number(state.LastOffset + 1)),
            KeeperChange.Create(KeeperLayout.Log, default),
            KeeperChange.Create(KeeperLayout.Parts, default),
            KeeperChange.SetData(KeeperLayout.Root, default),
        ];
        var end = (await client.MultiAsync(changes)).Error;
        for (var asked = 1; end == KeeperError.ConnectionLoss && asked < Attempts; asked++)
        {
            end = (await client.MultiAsync(changes)).Error;
            // Refused, it was done when its answer was lost.
            if (end == KeeperError.NodeExists)
                end = KeeperError.None;
        }

        Must(end, KeeperLayout.Root);
    }

    private static async Task RemoveAsync(KeeperClient client, string path)
    {
        var children = await client.GetChildrenAsync(path);
        Must(children.Error, path);
        foreach (var name in children.Value.Names.Order(StringComparer.Ordinal))
            await RemoveAsync(client, KeeperPath.Child(path, name));
        await MustAsync(client.DeleteAsync(path), path);
    }

    private static async Task MustAsync(Task<KeeperError> done, string path) => Must(await done, path);

    private static void Must(KeeperError error, string path)
    {
        if (error != KeeperError.None)
            throw new IOException($"ZooKeeper answered {error} at {path}");
    }
}
