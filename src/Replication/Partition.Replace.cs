using Barnabas.Base;
using Barnabas.Log;

namespace Barnabas.Replication;

public sealed partial class Partition
{
    // Plain: only what runs on this lane awaits it.
    private TaskCompletionSource? _replacing;

    /// <summary>Puts another log in the place of this one. Appends, and all else that changes the log, wait
    /// meanwhile.</summary>
    /// <param name="complete">Given the log as it stands, all of it on disk, it opens the one to take its place, of the
    /// same content, all of it on disk too; null to let things be. Faults of the disk are its own affair.</param>
    /// <returns>The old log, to be closed and deleted; null where it was not replaced.</returns>
    internal Task<PartitionLog?> ReplaceLogAsync(Func<LogHandover, Offset, Task<PartitionLog?>> complete) =>
        _lane.RunAsync(async () =>
        {
            if (_log is not { } old || _replacing is not null)
                return null;
            _replacing = new TaskCompletionSource();
            try
            {
                await old.FlushAsync();
                return await complete(old.HandOver(), _view.HighWatermark) is { } log && await TakeAsync(log, old)
                    ? old
                    : null;
            }
            catch (IOException fault)
            {
                if (_log == old)
                    Fail(fault);
                return null;
            }
            finally
            {
                Resume();
            }
        });

    private async Task<bool> TakeAsync(PartitionLog log, PartitionLog old)
    {
        if (_log != old)
        {
            // The old one failed meanwhile. The new one is whole, and the next start will find it.
            await log.CloseAsync(clean: false);
            return false;
        }

        log.Settings = old.Settings;
        _log = log;
        Publish();
        Commit();
        return true;
    }

    /// <summary>Comes back once nobody is about to replace the log.</summary>
    private async Task SettleAsync()
    {
        while (_replacing is { } replacing)
            await replacing.Task;
    }

    private void Resume()
    {
        var replaced = _replacing!;
        _replacing = null;
        replaced.SetResult();
        if (_waiting.Count > 0)
            Drain();
    }
}
