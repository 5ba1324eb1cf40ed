using System.Diagnostics;
using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Bench;

/// <summary>One connection of a <see cref="ProduceLoad"/>: one thread in a closed loop; two at a rate, of which
/// one sends and the other takes answers.</summary>
internal sealed class ProduceLane : ILoad
{
    private const int MaxInFlight = 1 << 16;
    private readonly IReadOnlyList<Target> _targets;
    private readonly ProduceSettings _settings;
    private readonly RunWindow _window;
    private readonly int _records;
    private readonly int _bytes;
    private readonly Line _line;
    private readonly Meter _meter;
    private readonly IProduceFrame _frame;

    // Of a rate: how many were sent, and whether that is all there will be.
    private readonly SemaphoreSlim _more = new(0);
    private long _sent;
    private volatile bool _allSent;

    public ProduceLane(
        IReadOnlyList<Target> targets, ProduceSettings settings, (byte[] Bytes, int Records) batch, RunWindow window)
        : this(targets, settings, batch, window, bare: null)
    {
    }

    /// <summary>Opens the connection.</summary>
    /// <param name="targets">The partitions, all of one leader, which take turns.</param>
    /// <param name="settings">How batches are sent.</param>
    /// <param name="batch">The batch, and its records.</param>
    /// <param name="window">When the run counts.</param>
    /// <param name="bare">The request, where it goes to no broker; null for a Produce request.</param>
    public ProduceLane(
        IReadOnlyList<Target> targets, ProduceSettings settings, (byte[] Bytes, int Records) batch, RunWindow window,
        IProduceFrame? bare)
    {
        (_targets, _settings, _window) = (targets, settings, window);
        (_records, _bytes) = (batch.Records, batch.Bytes.Length);
        _meter = new Meter("ack", window);
        _line = Line.Dial(targets[0].Host, targets[0].Port, settings.Patience);
        if (bare is null)
            _line.Greet();
        _frame = bare ?? new ProduceFrame(
            targets[0], batch.Bytes, settings.Acks, settings.Patience, ProduceFrame.VersionFor(_line, targets[0]));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Meter> Meters => [_meter];

    /// <summary>When requests are due, of a rate; good once the window is open.</summary>
    public Schedule Schedule => new(_window.Start, PerSecond ?? 1, Phase);

    /// <summary>Of a rate: how many requests were sent so far.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Of a rate: true once all requests were sent.</summary>
    public bool HasEnded => _allSent;

    /// <summary>The most requests to send.</summary>
    public long Requests { get; init; }

    /// <summary>Requests a second; null for a closed loop.</summary>
    public double? PerSecond { get; init; }

    /// <summary>Which part of an interval this lane comes after the first.</summary>
    public double Phase { get; init; }

    /// <inheritdoc/>
    public void Man(Crew crew)
    {
        if (_settings.Acks == 0)
        {
            crew.Add("produce", SendAll);
        }
        else if (PerSecond is null)
        {
            crew.Add("produce", Exchange);
        }
        else
        {
            crew.Add("produce", SendAtRate);
            crew.Add("acks", TakeAll);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _line.Dispose();
        _more.Dispose();
    }

    private void Exchange()
    {
        var depth = Math.Clamp(_settings.InFlight, 1, MaxInFlight);
        var begun = new long[depth];
        var (sent, answered) = (0L, 0L);
        while (true)
        {
            while (sent - answered < depth && sent < Requests)
            {
                var now = Stopwatch.GetTimestamp();
                if (!_window.IsOpen(now))
                    break;
                begun[sent % depth] = now;
                Send(sent++);
            }

            if (sent == answered)
                return;
            do
            {
                Take(answered);
                _meter.Took(begun[answered % depth], Stopwatch.GetTimestamp());
                _meter.Count(1, _records, _bytes);
                answered++;
            }
            while (answered < sent && _line.HasFrame);
        }
    }

    private void SendAtRate()
    {
        Pause.Sharpen();
        var schedule = Schedule;
        var sent = 0L;
        try
        {
            for (; sent < Requests && _window.IsOpen(schedule.DueAt(sent)); sent++)
            {
                Pause.Until(schedule.DueAt(sent));
                if (_window.IsStopped)
                    break;
                Send(sent);
                Volatile.Write(ref _sent, sent + 1);
                _more.Release();
            }
        }
        finally
        {
            _allSent = true;
            _more.Release();
        }
    }

    private void TakeAll()
    {
        var schedule = Schedule;
        for (var answered = 0L; ; answered++)
        {
            _more.Wait();
            if (_allSent && answered == Volatile.Read(ref _sent))
                return;
            Take(answered);
            _meter.Took(schedule.DueAt(answered), Stopwatch.GetTimestamp());
            _meter.Count(1, _records, _bytes);
        }
    }

    // Nobody answers acks=0; the answer to what is asked last tells that all before it was read.
    private void SendAll()
    {
        Pause.Sharpen();
        var schedule = Schedule;
        for (var sent = 0L; sent < Requests; sent++)
        {
            if (PerSecond is not null)
                Pause.Until(schedule.DueAt(sent));
            if (!_window.IsOpen(Stopwatch.GetTimestamp()))
                break;
            Send(sent);
            _meter.Count(1, _records, _bytes);
        }

        _line.Send(RequestFrame.Encode(new ApiVersionsRequest(), 0, correlationId: 0));
        _ = _line.Receive();
    }

    private void Send(long number) => _line.Send(_frame.For((int)number, TargetOf(number).Partition));

    private void Take(long number)
    {
        var code = _frame.Read(_line.Receive().Span, (int)number);
        if (code != ErrorCode.None)
            throw LoadException.Refused("Produce", TargetOf(number).Topic, TargetOf(number).Partition, code);
    }

    private Target TargetOf(long number) => _targets[(int)(number % _targets.Count)];
}
