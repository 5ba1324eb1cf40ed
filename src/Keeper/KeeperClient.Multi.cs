namespace Barnabas.Keeper;

/// <summary>Several operations at once, and watches that stay.</summary>
public sealed partial class KeeperClient
{
    // What removes watches of every kind.
    private const int AnyWatch = 3;

    /// <summary>Makes several changes, all or none.</summary>
    /// <returns>How each ended; the error of the answer is that of the change that failed. Changes do not wait for each
    /// other: each sees those before it.</returns>
    public async Task<KeeperAnswer<IReadOnlyList<ChangeResult>>> MultiAsync(IReadOnlyList<KeeperChange> changes)
    {
        foreach (var change in changes)
            Hold(change.Path);
        var answer = await AskAsync(
            KeeperOp.Multi, w => WriteAll(w, changes),
            static (ref r) => ReadAll(ref r, ChangeResult.Read));
        if (!answer.IsOk)
            return new(answer.Error, []);
        var results = answer.Value.Select(r => r with { Path = _chroot.Strip(r.Path) }).ToArray();
        // Those before the one that failed say no error, those after it another one.
        var failed = Array.Find(
            results, static r => r.Error is not (KeeperError.None or KeeperError.RuntimeInconsistency)).Error;
        return new(failed, results);
    }

    /// <summary>Several reads, each for itself, of one state.</summary>
    public async Task<KeeperAnswer<IReadOnlyList<KeeperReadResult>>> MultiReadAsync(IReadOnlyList<KeeperRead> reads)
    {
        foreach (var read in reads)
            Hold(read.Path);
        var answer = await AskAsync<IReadOnlyList<KeeperReadResult>>(
            KeeperOp.MultiRead,
            w =>
            {
                foreach (var read in reads)
                {
                    WriteHead(w, read.Operation);
                    w.WriteString(_chroot.Whole(read.Path));
                    w.WriteBool(false);
                }

                WriteEnd(w);
            },
            static (ref r) => ReadAll(ref r, KeeperReadResult.Read));
        return answer.IsOk ? answer : new(answer.Error, []);
    }

    /// <summary>Watches a node until the watch is taken away. What changes while no server is connected is not told:
    /// whoever follows reads again when the state becomes <see cref="KeeperState.Connected"/>.</summary>
    /// <param name="path">The node; it need not be there.</param>
    /// <param name="scope">The node alone, or all below it too.</param>
    /// <param name="watch">Told of every change.</param>
    public async Task<KeeperError> AddWatchAsync(string path, WatchScope scope, Action<WatchEvent> watch)
    {
        var whole = Watched(path, watch, out var told);
        var answer = await AskAsync(
            KeeperOp.AddWatch, whole, w => w.WriteInt32((int)scope), static (ref _) => true,
            got =>
            {
                if (got.IsOk)
                    _session.Watches.OnAny(whole, scope, told!);
            });
        return answer.Error;
    }

    /// <summary>Takes every watch of a node away.</summary>
    public async Task<KeeperError> RemoveWatchesAsync(string path)
    {
        Hold(path);
        var whole = _chroot.Whole(path);
        var answer = await AskAsync(
            KeeperOp.RemoveWatches, whole, static w => w.WriteInt32(AnyWatch), static (ref _) => true,
            got =>
            {
                if (got.IsOk)
                    _session.Watches.Remove(whole);
            });
        return answer.Error;
    }

    private void WriteAll(JuteWriter w, IReadOnlyList<KeeperChange> changes)
    {
        foreach (var change in changes)
        {
            var whole = change.At(_chroot, _acl);
            WriteHead(w, whole.Operation);
            w.WriteString(whole.Path);
            whole.WriteRest(w);
        }

        WriteEnd(w);
    }

    private static List<T> ReadAll<T>(ref JuteReader r, ResultReader<T> read)
    {
        var results = new List<T>();
        while (true)
        {
            var operation = (KeeperOp)r.ReadInt32();
            var isEnd = r.ReadBool();
            r.ReadInt32();
            if (isEnd)
                return results;
            results.Add(read(operation, ref r));
        }
    }

    private static void WriteHead(JuteWriter w, KeeperOp operation)
    {
        w.WriteInt32((int)operation);
        w.WriteBool(false);
        w.WriteInt32(-1);
    }

    private static void WriteEnd(JuteWriter w)
    {
        w.WriteInt32(-1);
        w.WriteBool(true);
        w.WriteInt32(-1);
    }

    private delegate T ResultReader<out T>(KeeperOp operation, ref JuteReader r);
}
