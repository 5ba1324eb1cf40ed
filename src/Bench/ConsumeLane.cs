using System.Diagnostics;

namespace Barnabas.Bench;

/// <summary>One connection of a <see cref="ConsumeLoad"/>, and its thread.</summary>
internal sealed class ConsumeLane : ILoad
{
    private readonly IReadOnlyList<Target> _targets;
    private readonly FetchSettings _settings;
    private readonly RunWindow _window;
    private readonly Line _line;
    private readonly Meter _meter;
    private readonly FetchExchange _fetch;
    private readonly long _limit;
    private long _bytes;
    private long _records;

    public ConsumeLane(IReadOnlyList<Target> targets, FetchSettings settings, long limit, RunWindow window)
    {
        (_targets, _settings, _limit, _window) = (targets, settings, limit, window);
        _meter = new Meter("fetch", window);
        _line = Line.Dial(targets[0].Host, targets[0].Port, settings.Patience + settings.MaxWait);
        _line.Greet();
        _fetch = new FetchExchange(_line, settings, targets.Select(static one => (one, one.Begin)));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Meter> Meters => [_meter];

    /// <inheritdoc/>
    public void Man(Crew crew) => crew.Add("fetch", Run);

    /// <inheritdoc/>
    public void Dispose() => _line.Dispose();

    // Until the run ends, or the limit is reached, or all was read once.
    private void Run()
    {
        var fetched = 0L;
        while (fetched < _limit && GoesOn())
        {
            var begun = Stopwatch.GetTimestamp();
            if (!_window.IsOpen(begun))
                return;
            (_bytes, _records) = (0, 0);
            _fetch.Run(Take);
            _meter.Took(begun, Stopwatch.GetTimestamp());
            _meter.Count(1, _records, _bytes);
            fetched += _bytes;
        }
    }

    // What was written meanwhile is not read: a run over what another run writes would never see the end.
    private bool GoesOn()
    {
        var isLeft = false;
        for (var at = 0; at < _targets.Count; at++)
        {
            if (_fetch.Next(at) >= _targets[at].End.Value && _settings.Repeats)
                _fetch.Seek(at, _targets[at].Begin);
            isLeft |= _fetch.Next(at) < _targets[at].End.Value;
        }

        return isLeft;
    }

    private void Take(int at, ReadOnlyMemory<byte> bytes)
    {
        _bytes += bytes.Length;
        _records += _settings.Checks ? FetchedBytes.Check(bytes.Span) : FetchedBytes.Count(bytes.Span);
    }
}
