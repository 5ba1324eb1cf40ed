using Barnabas.Base;

namespace Barnabas.Keeper;

/// <summary>Something to do: set from anywhere on the lane, waited for by one. Owned by the lane.</summary>
/// <param name="lane">The lane.</param>
internal sealed class Signal(Lane lane)
{
    private TaskCompletionSource? _waiter;
    private bool _isSet;

    /// <summary>Lets who waits go on, later: never within the caller.</summary>
    public void Set()
    {
        if (_isSet)
            return;
        _isSet = true;
        lane.Post(Release);
    }

    /// <summary>Completes when it is set, or was since the last wait.</summary>
    public async Task WaitAsync()
    {
        if (!_isSet)
        {
            _waiter = new TaskCompletionSource();
            await _waiter.Task;
        }

        _isSet = false;
    }

    private void Release()
    {
        var waiter = _waiter;
        _waiter = null;
        waiter?.SetResult();
    }
}
