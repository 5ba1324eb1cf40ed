using System.Globalization;
using System.Text;
using Barnabas.Journal;
using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>The metadata as an ensemble keeps it: how its nodes are read. Owned by the lane of its client.</summary>
/// <param name="client">The session.</param>
internal sealed class JournalStore(KeeperClient client)
{
    // Reads under way at once: they are answered in order, so this is a window, not a load.
    private const int Window = 16;

    /// <summary>Finds the cluster that is kept here, or begins one.</summary>
    /// <param name="newId">What to call a new one; null where none may begin.</param>
    /// <returns>Its id; null where there is none, and none may begin.</returns>
    /// <exception cref="IOException">An import was broken off here.</exception>
    public async Task<KeeperAnswer<string?>> JoinAsync(string? newId)
    {
        // A server that is behind would know of no cluster.
        var error = await client.SyncAsync("/");
        var known = error == KeeperError.None ? await client.GetDataAsync(KeeperLayout.Cluster) : new(error, default);
        if (known.IsOk)
            return new(KeeperError.None, Encoding.ASCII.GetString(known.Value.Data.Span));
        error = known.Error == KeeperError.NoNode ? await CheckImportAsync() : known.Error;
        if (newId is null || error != KeeperError.None)
            return new(error, null);
        error = await MakeSkeletonAsync();
        if (error == KeeperError.None)
            error = (await client.CreateAsync(KeeperLayout.Cluster, Encoding.ASCII.GetBytes(newId))).Error;
        // Another node may have been first, or this one before its answer was lost: what is there counts.
        return error is KeeperError.None or KeeperError.NodeExists ? await JoinAsync(null) : new(error, null);
    }

    private async Task<KeeperError> CheckImportAsync()
    {
        var root = await client.GetDataAsync(KeeperLayout.Root);
        if (root.IsOk && Encoding.ASCII.GetString(root.Value.Data.Span) == KeeperLayout.Importing)
            throw new IOException("an import into ZooKeeper has not come to its end: run it again");
        return root.Error == KeeperError.NoNode ? KeeperError.None : root.Error;
    }

    /// <summary>Makes the nodes that have to be there.</summary>
    private async Task<KeeperError> MakeSkeletonAsync()
    {
        var made = await client.MakeRootAsync();
        foreach (var (path, data) in KeeperLayout.Skeleton)
        {
            if (made != KeeperError.None)
                break;
            made = (await client.CreateAsync(path, Encoding.ASCII.GetBytes(data))).Error;
            if (made == KeeperError.NodeExists)
                made = KeeperError.None;
        }

        return made;
    }

    /// <summary>Reads a node that holds a number.</summary>
    /// <exception cref="MalformedFrameException">It holds none.</exception>
    public async Task<KeeperAnswer<(long Value, NodeStat Stat)>> ReadNumberAsync(string path)
    {
        var answer = await client.GetDataAsync(path);
        return answer.IsOk
            ? new(KeeperError.None, (NumberIn(path, answer.Value.Data), answer.Value.Stat))
            : new(answer.Error, default);
    }

    /// <summary>Reads the batch that begins at an offset.</summary>
    /// <returns>NoNode where there is none, or it was dropped meanwhile.</returns>
    /// <exception cref="MalformedFrameException">It cannot be read.</exception>
    public async Task<KeeperAnswer<StoredBatch>> ReadBatchAsync(long offset) =>
        await ReadAsync(offset, await client.GetDataAsync(KeeperLayout.Batch(offset)));

    /// <summary>Reads the batches from an offset on, up to one that is not there.</summary>
    /// <param name="from">The offset; a batch begins there.</param>
    /// <param name="give">Told of each, in order.</param>
    /// <returns>None, or what kept it from reading on.</returns>
    /// <exception cref="MalformedFrameException">One cannot be read.</exception>
    public async Task<KeeperError> ReadBatchesAsync(long from, Action<StoredBatch> give)
    {
        var names = await client.GetChildrenAsync(KeeperLayout.Log);
        if (!names.IsOk)
            return names.Error;
        var offsets = new Queue<long>(names.Value.Names.Select(KeeperLayout.OffsetOf).Where(o => o >= from).Order());
        var reads = new Queue<(long Offset, Task<KeeperAnswer<NodeData>> Read)>();
        while (offsets.Count + reads.Count > 0)
        {
            while (reads.Count < Window && offsets.TryDequeue(out var next))
                reads.Enqueue((next, client.GetDataAsync(KeeperLayout.Batch(next))));
            var (offset, read) = reads.Dequeue();
            var batch = await ReadAsync(offset, await read);
            if (!batch.IsOk || offset != from)
                return batch.IsOk ? KeeperError.NoNode : batch.Error;
            give(batch.Value);
            from = batch.Value.Batch.LastOffset + 1;
        }

        return KeeperError.None;
    }

    /// <summary>Reads the newest snapshot that is whole.</summary>
    /// <returns>NoNode where there is none, or it was dropped meanwhile.</returns>
    /// <exception cref="MalformedFrameException">It cannot be read.</exception>
    public async Task<KeeperAnswer<Committed<ITypedRecord>>> ReadSnapshotAsync()
    {
        var names = await client.GetChildrenAsync(KeeperLayout.Snapshots);
        if (!names.IsOk)
            return new(names.Error, default);
        foreach (var name in names.Value.Names.OrderDescending(StringComparer.Ordinal))
        {
            var path = KeeperPath.Child(KeeperLayout.Snapshots, name);
            var answer = await client.GetDataAsync(path);
            if (!answer.IsOk)
                return new(answer.Error, default);
            // One whose writer did not come to its end.
            if (answer.Value.Data.Length == 0)
                continue;
            var manifest = SnapshotManifest.Read(answer.Value.Data);
            var content = await ReadPartsAsync(path, manifest.Chunks);
            if (!content.IsOk)
                return new(content.Error, default);
            if (content.Value.Length != manifest.Bytes)
                throw new MalformedFrameException($"{path} has {content.Value.Length} bytes, not {manifest.Bytes}");
            return new(KeeperError.None, new Committed<ITypedRecord>(
                manifest.End - 1, manifest.Epoch, manifest.Timestamp, JournalBatch.ReadRecords(content.Value)));
        }

        return new(KeeperError.NoNode, default);
    }

    /// <summary>The number in a node's bytes.</summary>
    /// <exception cref="MalformedFrameException">There is none.</exception>
    public static long NumberIn(string path, ReadOnlyMemory<byte> data) =>
        long.TryParse(data.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new MalformedFrameException($"{path} holds no number");

    private async Task<KeeperAnswer<StoredBatch>> ReadAsync(long offset, KeeperAnswer<NodeData> answer)
    {
        if (!answer.IsOk)
            return new(answer.Error, default);
        var batch = JournalBatch.Read(answer.Value.Data);
        var content = batch.Content;
        if (batch.Parts > 0)
        {
            var parts = await ReadPartsAsync(KeeperLayout.PartsOf(offset, batch.Epoch), batch.Parts);
            if (!parts.IsOk)
                return new(parts.Error, default);
            content = parts.Value;
        }

        return new(KeeperError.None, new StoredBatch(batch.ToCommitted(offset, content), content.Length));
    }

    private async Task<KeeperAnswer<ReadOnlyMemory<byte>>> ReadPartsAsync(string above, int count)
    {
        var whole = new MemoryStream();
        var reads = new Queue<Task<KeeperAnswer<NodeData>>>();
        for (var next = 0; next < count || reads.Count > 0;)
        {
            while (reads.Count < Window && next < count)
                reads.Enqueue(client.GetDataAsync(KeeperLayout.Part(above, next++)));
            var part = await reads.Dequeue();
            if (!part.IsOk)
                return new(part.Error, default);
            whole.Write(part.Value.Data.Span);
        }

        return new(KeeperError.None, whole.GetBuffer().AsMemory(0, (int)whole.Length));
    }
}
