using System.Diagnostics;

namespace Barnabas.Bench;

/// <summary>Fetches from the bare server of <c>bench/Limits</c>, over one connection, one request after the
/// other: what sendfile allows.</summary>
public sealed class BareFetchLoad : ILoad
{
    private readonly Line _line;
    private readonly Meter _meter;
    private readonly RunWindow _window;
    private readonly int _size;

    /// <summary>Opens the connection.</summary>
    /// <param name="port">Where the server listens on this machine.</param>
    /// <param name="size">Bytes of an answer.</param>
    /// <param name="window">When the run counts.</param>
    public BareFetchLoad(int port, int size, RunWindow window)
    {
        (_size, _window) = (size, window);
        _meter = new Meter("fetch", window);
        _line = Line.Dial("127.0.0.1", port, TimeSpan.FromSeconds(30));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Meter> Meters => [_meter];

    /// <inheritdoc/>
    public void Man(Crew crew) => crew.Add("fetch", Run);

    /// <inheritdoc/>
    public void Dispose() => _line.Dispose();

    private void Run()
    {
        var position = 0L;
        for (var number = 0; ; number++)
        {
            var begun = Stopwatch.GetTimestamp();
            if (!_window.IsOpen(begun))
                return;
            _line.Send(BareFrame.Fetch(number, position, _size));
            var bytes = _line.Receive().Length - sizeof(int);
            if (bytes == 0 && position == 0)
                throw new LoadException("the bare server has no log to be fetched");
            _meter.Took(begun, Stopwatch.GetTimestamp());
            _meter.Count(1, 0, bytes);
            position = bytes < _size ? 0 : position + bytes;
        }
    }
}
