using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>What those who wait on a lane are woken by; they look themselves whether what they wait for has
/// come.</summary>
internal sealed class LaneSignal(Host host, Lane lane)
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Wakes all who wait. On the lane.</summary>
    public void Set()
    {
        var waiting = _next;
        _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.TrySetResult();
    }

    /// <summary>Waits to be woken, or for a time; may be woken for nothing. On the lane.</summary>
    public async Task WaitAsync(TimeSpan longest)
    {
        if (longest <= TimeSpan.Zero)
            return;
        var woken = _next.Task;
        await using var timer = host.Time.CreateTimer(
            _ => lane.Post(Set), null, longest, Timeout.InfiniteTimeSpan);
        await woken;
    }
}
