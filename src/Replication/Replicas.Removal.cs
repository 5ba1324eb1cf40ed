using Barnabas.Base;
using Barnabas.Log;

namespace Barnabas.Replication;

public sealed partial class Replicas
{
    private Task _removing = Task.CompletedTask;
    private ITimer? _removal;
    private bool _removes;

    private void BeginRemoval()
    {
        _removes = true;
        ArmRemoval();
    }

    // What is not removed is by the next start.
    private Task EndRemovalAsync()
    {
        _removes = false;
        _removal?.Dispose();
        return _removing;
    }

    private async Task DeleteAsync(LogDirectory directory, PartitionLog log)
    {
        await _host.Lanes.RunBlockingAsync(() =>
        {
            directory.Delete(log);
            return true;
        });
        ArmRemoval();
    }

    /// <summary>Sees to it that directories of deleted partitions go when their <c>file.delete.delay.ms</c> has
    /// passed. A large one takes the disk long: nothing waits for it but the end.</summary>
    private void ArmRemoval()
    {
        if (!_removes || !_removing.IsCompleted)
            return;
        if (_directories.Online.Min(static directory => directory.NextRemovalMs) is not { } due)
            return;
        _removal?.Dispose();
        var left = TimeSpan.FromMilliseconds(Math.Max(due - _host.Time.GetUtcNow().ToUnixTimeMilliseconds(), 1));
        _removal = _host.Time.CreateTimer(
            static replicas => ((Replicas)replicas!).BeginRemovalOfDue(), this, left.ForTimer(),
            Timeout.InfiniteTimeSpan);
    }

    private void BeginRemovalOfDue() => _lane.Post(() =>
    {
        if (_removes && _removing.IsCompleted)
            _removing = RemoveDueAsync();
    });

    private async Task RemoveDueAsync()
    {
        foreach (var directory in _directories.Online.ToList())
        {
            try
            {
                await _host.Lanes.RunBlockingAsync(() =>
                {
                    directory.RemoveDue();
                    return true;
                });
            }
            catch (IOException fault)
            {
                FailDirectory(directory, fault);
            }
        }

        _lane.Post(ArmRemoval);
    }
}
