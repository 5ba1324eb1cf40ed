using Barnabas.Base;

namespace Barnabas.Replication;

public sealed partial class Partition
{
    private ITimer? _removal;

    /// <summary>Sees to it that files which left the log go when <c>file.delete.delay.ms</c> has passed.</summary>
    private void ArmRemoval()
    {
        if (_removal is not null || _log is not { Failed: false, NextRemovalMs: { } due })
            return;
        var left = TimeSpan.FromMilliseconds(Math.Max(due - _host.Time.GetUtcNow().ToUnixTimeMilliseconds(), 1));
        _removal = _host.Time.CreateTimer(
            static p => ((Partition)p!).RemoveDue(), this, left.ForTimer(), Timeout.InfiniteTimeSpan);
    }

    private void RemoveDue() => _lane.Post(() =>
    {
        _removal?.Dispose();
        _removal = null;
        try
        {
            if (_log is { Failed: false } log)
                log.RemoveDueFiles();
            ArmRemoval();
        }
        catch (IOException fault)
        {
            Fail(fault);
        }
    });
}
