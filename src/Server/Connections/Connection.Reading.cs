namespace Barnabas.Server;

/// <content>Reading: takes up the next request once the one before is accepted, and there is room for its
/// answer.</content>
internal sealed partial class Connection
{
    private async Task ReadAsync()
    {
        var (requests, bytes) = (0, 0);
        while (!_ending)
        {
            while (_reader.WantsMore)
            {
                var arrival = _reader.ArrivalAsync();
                if (!arrival.IsCompleted)
                    (requests, bytes) = (0, 0);
                await arrival;
                if (!_reader.Received(await _reader.ReceiveAsync()))
                    return;
            }

            var taken = _reader.TakeAsync();
            if (!taken.IsCompleted)
                (requests, bytes) = (0, 0);
            var frame = await taken;

            // The answer that mutes may have gone out while this request was awaited.
            if (IsMuted)
                await PauseAsync();
            if (_ending)
            {
                frame.Release();
                return;
            }

            bytes += frame.Length;
            var request = Begin(frame);
            var isAccepted = request.Accepted.IsCompleted;
            if (!isAccepted || !MayGoOn || !_reader.HasRequest)
                Pump();
            if (!isAccepted)
            {
                await request.Accepted.ConfigureAwait(Quietly);
                Pump();
            }

            if (!MayGoOn)
                await RoomAsync();

            // A peer that sends without a pause would keep the thread: the others get their turn in between.
            if (EndsTurn(++requests, bytes))
            {
                (requests, bytes) = (0, 0);
                await Task.Yield();
            }
        }
    }

    private static bool EndsTurn(int requests, int bytes) =>
        requests >= TurnRequests || bytes >= TurnBytes || (requests >= PairRequests && bytes >= PairBytes);

    private InFlightRequest Begin(RequestFrame frame)
    {
        var request = _pipeline.Begin(_context, frame);
        _clock.Began();
        _software = _metrics.Software.Follow(_software, _context);
        Volatile.Write(ref _lastHeard, request.Context.ReceivedAt);
        Mute(request.Context.ThrottleTime);
        _requests.Enqueue(request);
        if (!request.IsCompleted)
            request.Watch(this);
        if (!_isProven)
        {
            _isProven = true;
            _proven();
        }

        return request;
    }

    private async ValueTask RoomAsync()
    {
        while (_requests.Count >= _limits.MaxInFlight && !_ending)
        {
            _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _room.Task;
        }

        while (IsMuted && !_ending)
            await PauseAsync();
    }

    private void Mute(TimeSpan time)
    {
        if (time <= TimeSpan.Zero)
            return;
        var ticks = (long)(time.TotalSeconds * _host.Time.TimestampFrequency);
        _mutedUntil = Math.Max(_mutedUntil, _host.Time.GetTimestamp() + ticks);
    }

    private async Task PauseAsync()
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token);
        _pause = pause;

        // A timer counts whole milliseconds, and must not fire before the time.
        var left = _host.Time.GetElapsedTime(_host.Time.GetTimestamp(), _mutedUntil);
        var wait = TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(left.TotalMilliseconds), 0, int.MaxValue));
        await Task.Delay(wait, _host.Time, pause.Token).ConfigureAwait(Quietly);
        _pause = null;
    }

    private void EndPause() => _pause?.Cancel();
}
