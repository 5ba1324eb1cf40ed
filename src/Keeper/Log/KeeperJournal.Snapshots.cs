using Barnabas.Cluster;
using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>Snapshots, and dropping what they stand for. The leader writes them.</summary>
public sealed partial class KeeperJournal
{
    // Removals under way at once.
    private const int Removals = 64;

    /// <inheritdoc/>
    public long BytesSinceSnapshot => _leads ? _bytes : 0;

    /// <inheritdoc/>
    public long SnapshotEnd { get; private set; }

    /// <inheritdoc/>
    public async Task WriteSnapshotAsync(long end, int epoch, long timestamp, IEnumerable<ITypedRecord> records)
    {
        if (!_leads)
            throw new IOException("only the leader writes snapshots");
        var (bytes, leads) = (_bytes, _epoch);
        var path = KeeperLayout.Snapshot(end, leads);
        // One that is whole says the same, and what it stands for may be gone: to write it anew would leave nothing
        // meanwhile.
        var lying = await _client.GetDataAsync(path);
        if (!lying.IsOk || lying.Value.Data.Length == 0)
            await WriteAsync(path, leads, (end, epoch, timestamp), records);
        SnapshotEnd = Math.Max(SnapshotEnd, end);
        _bytes = Math.Max(0, _bytes - bytes);
        await DropAsync(end, path);
    }

    private async Task WriteAsync(
        string path, int leads, (long End, int Epoch, long Timestamp) of, IEnumerable<ITypedRecord> records)
    {
        var content = await _host.Lanes.RunBlockingAsync(() => Encode(records));
        var chunks = _settings.Chunks(content);
        // One of the same name may lie there unfinished: without a manifest nobody reads it.
        await MustAsync(PutNodeAsync(path, default, leads), path);
        for (var i = 0; i < chunks.Count; i++)
            await MustAsync(PutNodeAsync(KeeperLayout.Part(path, i), chunks[i], leads), path);
        var manifest = new SnapshotManifest(of.End, of.Epoch, of.Timestamp, chunks.Count, content.Length);
        await MustAsync(PutNodeAsync(path, manifest.ToBytes(), leads), path);
    }

    private static async Task MustAsync(Task<KeeperError> put, string path)
    {
        var error = await put;
        if (error != KeeperError.None)
            throw new IOException($"{path} cannot be written: {error}");
    }

    /// <summary>Records, each behind its length.</summary>
    internal static ReadOnlyMemory<byte> Encode(IEnumerable<ITypedRecord> records)
    {
        var w = new JuteWriter();
        foreach (var record in records)
            w.WriteBytes(MetadataRecordFrame.Write(record));
        return w.ToFrame()[4..];
    }

    /// <summary>Removes what a snapshot stands for. What a lost connection leaves, the next one removes.</summary>
    private async Task DropAsync(long end, string snapshot)
    {
        await RemoveAsync(await BelowAsync(KeeperLayout.Log, end));
        foreach (var above in (string[])[KeeperLayout.Parts, KeeperLayout.Snapshots])
        {
            foreach (var old in await BelowAsync(above, above == KeeperLayout.Snapshots ? end + 1 : end))
            {
                // One of the same end is of a leader before this one, or after it: that one stays.
                if (above == KeeperLayout.Snapshots && string.CompareOrdinal(old, snapshot) >= 0)
                    continue;
                // Its manifest goes first: a snapshot without all its chunks is none.
                if (above == KeeperLayout.Snapshots)
                    await _client.SetDataAsync(old, default);
                await RemoveAsync(await BelowAsync(old, long.MaxValue));
                await RemoveAsync([old]);
            }
        }
    }

    /// <summary>The children that stand for offsets below one; all of them for the largest.</summary>
    private async Task<IReadOnlyList<string>> BelowAsync(string above, long end)
    {
        var children = await _client.GetChildrenAsync(above);
        return children.IsOk
            ?
            [
                .. children.Value.Names.Where(name => end == long.MaxValue || KeeperLayout.OffsetOf(name) < end)
                    .Order(StringComparer.Ordinal).Select(name => KeeperPath.Child(above, name)),
            ]
            : [];
    }

    private async Task RemoveAsync(IReadOnlyList<string> paths)
    {
        foreach (var some in paths.Chunk(Removals))
        {
            foreach (var removal in some.Select(path => _client.DeleteAsync(path)).ToArray())
                await removal;
        }
    }
}
