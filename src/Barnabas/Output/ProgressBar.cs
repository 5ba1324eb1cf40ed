using System.Diagnostics;
using System.Globalization;

namespace Barnabas.Cli;

/// <summary>One line on stderr that tells how far long work is, where stderr is a terminal and fewer words were not
/// asked for. It goes away at the end.</summary>
/// <param name="total">How many bytes there are; null when unknown.</param>
/// <param name="to">Where it is drawn; null for nowhere.</param>
internal sealed class ProgressBar(long? total, TextWriter? to) : IDisposable
{
    private const int Cells = 30;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _drawn = Stopwatch.GetTimestamp();
    private long _done;
    private int _width;

    /// <summary>A bar for a command.</summary>
    public static ProgressBar For(System.CommandLine.ParseResult parsed, long? total) => new(
        total, Console.IsErrorRedirected || parsed.GetValue(GlobalOptions.Quiet) ? null : Console.Error);

    /// <summary>So many bytes more are done.</summary>
    public void Advance(long bytes)
    {
        _done += bytes;
        if (to is null || Stopwatch.GetElapsedTime(_drawn) < Interval)
            return;
        _drawn = Stopwatch.GetTimestamp();
        Draw(Line(total, _done, Stopwatch.GetElapsedTime(_started)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_width > 0)
            to!.Write($"\r{new string(' ', _width)}\r");
        _width = 0;
    }

    /// <summary>The line: a bar, the share, the speed and the time left; without a total what is done.</summary>
    internal static string Line(long? total, long done, TimeSpan elapsed)
    {
        var speed = done / Math.Max(elapsed.TotalSeconds, 0.001);
        if (total is not > 0)
            return $"{Sizes.Text(done)}  {Sizes.Text((long)speed)}/s";
        var share = Math.Clamp((double)done / total.Value, 0, 1);
        var full = (int)(share * Cells);
        var left = TimeSpan.FromSeconds(speed > 0 ? Math.Min((total.Value - done) / speed, 1e6) : 0);
        var bar = new string('#', full) + new string('.', Cells - full);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"[{bar}] {share * 100:0}%  {Sizes.Text((long)speed)}/s  {Durations.Text(left)} left");
    }

    private void Draw(string line)
    {
        to!.Write('\r' + line.PadRight(_width));
        _width = line.Length;
    }
}
