using System.Diagnostics;

namespace Barnabas.Bench;

/// <summary>One partition of an <see cref="EndToEndLoad"/>: one thread sends, one takes acknowledgements, one
/// reads.</summary>
internal sealed class EndToEndLane : ILoad
{
    private readonly Target _target;
    private readonly RunWindow _window;
    private readonly ProduceLane _sender;
    private readonly Line _line;
    private readonly FetchExchange _fetch;
    private readonly Meter _ends;
    private readonly TimeSpan _patience;
    private readonly int _records;
    private int _bytes;

    /// <summary>Takes over the sender, and opens the reader's connection.</summary>
    public EndToEndLane(Target target, ProduceLane sender, int records, FetchSettings fetch, RunWindow window)
    {
        (_target, _window, _sender, _records, _patience) = (target, window, sender, records, fetch.Patience);
        _ends = new Meter("end-to-end", window);
        _line = Line.Dial(target.Host, target.Port, fetch.Patience + fetch.MaxWait);
        _line.Greet();
        _fetch = new FetchExchange(_line, fetch, [(target, target.End)]);
    }

    /// <summary>Records that were read, and acknowledgements.</summary>
    public IReadOnlyList<Meter> Meters => [_ends, .. _sender.Meters];

    /// <inheritdoc/>
    public void Man(Crew crew)
    {
        crew.Add("read", Read);
        _sender.Man(crew);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _line.Dispose();
        _sender.Dispose();
    }

    private void Read()
    {
        var schedule = _sender.Schedule;
        var seen = 0L;
        long? since = null;
        while (!_sender.HasEnded || seen < _sender.Sent * _records)
        {
            if (_window.IsStopped)
                return;
            _bytes = 0;
            _fetch.Run(Take);
            var now = Stopwatch.GetTimestamp();
            var end = _fetch.Next(0) - _target.End.Value;
            _ends.Count(1, end - seen, _bytes);
            for (; seen < end; seen++)
                _ends.Took(schedule.DueAt(seen / _records), now);
            since = _sender.HasEnded ? since ?? now : null;
            if (since is { } ended && Stopwatch.GetElapsedTime(ended, now) > _patience)
                throw new LoadException($"{(_sender.Sent * _records) - seen} records were sent and cannot be read");
        }
    }

    private void Take(int at, ReadOnlyMemory<byte> bytes) => _bytes += bytes.Length;
}
