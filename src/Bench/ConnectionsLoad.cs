using System.Diagnostics;
using Barnabas.Base;

namespace Barnabas.Bench;

/// <summary>Many connections that each send a small record now and then, one after the other in turn.</summary>
public sealed class ConnectionsLoad : ILoad
{
    private const int MostThreads = 4;
    private const int EachThread = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly List<Line> _lines = [];
    private readonly List<Meter> _meters = [];
    private readonly Target _target;
    private readonly RunWindow _window;
    private readonly byte[] _batch;
    private readonly double _perSecond;

    /// <summary>Opens the connections.</summary>
    /// <param name="target">Where the records go.</param>
    /// <param name="connections">How many connections.</param>
    /// <param name="perSecond">Requests a second of each; zero for connections that only stay.</param>
    /// <param name="window">When the run counts.</param>
    /// <exception cref="IOException">Nobody answers, or one is refused.</exception>
    public ConnectionsLoad(Target target, int connections, double perSecond, RunWindow window)
    {
        (_target, _perSecond, _window) = (target, perSecond, window);
        (_batch, _) = new BatchShape { Records = 1, RecordSize = 100 }.Make(
            DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        for (var at = 0; at < connections; at++)
        {
            _lines.Add(Line.Dial(target.Host, target.Port, Patience, roomAtFirst: 512));
            _lines[at].Greet();
        }

        var threads = Math.Clamp(connections / EachThread, 1, MostThreads);
        for (var at = 0; at < threads; at++)
            _meters.Add(new Meter("ack", window));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Meter> Meters => _meters;

    /// <inheritdoc/>
    public void Man(Crew crew)
    {
        for (var at = 0; at < _meters.Count; at++)
        {
            var first = at;
            crew.Add("connections", () => Run(first));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var line in _lines)
            line.Dispose();
    }

    private void Run(int first)
    {
        var own = _lines.Where((_, at) => at % _meters.Count == first).ToList();
        var version = ProduceFrame.VersionFor(own[0], _target);
        var frame = new ProduceFrame(_target, _batch, acks: 1, Patience, version);
        var schedule = new Schedule(
            _window.Start, Math.Max(_perSecond * own.Count, 1), (double)first / _meters.Count);
        Pause.Sharpen();
        for (var number = 0; _window.IsOpen(schedule.DueAt(number)); number++)
        {
            Pause.Until(schedule.DueAt(number));
            if (_window.IsStopped)
                return;
            if (_perSecond > 0)
                Ask(own[number % own.Count], frame, number, schedule.DueAt(number), _meters[first]);
        }
    }

    private void Ask(Line line, ProduceFrame frame, int number, long due, Meter meter)
    {
        line.Send(frame.For(number, _target.Partition));
        var code = frame.Read(line.Receive().Span, number);
        if (code != ErrorCode.None)
            throw LoadException.Refused("Produce", _target.Topic, _target.Partition, code);
        meter.Took(due, Stopwatch.GetTimestamp());
        meter.Count(1, 1, _batch.Length);
    }
}
