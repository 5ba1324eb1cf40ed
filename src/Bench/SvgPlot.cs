using System.Globalization;
using System.Text;

namespace Barnabas.Bench;

/// <summary>A run as a picture: throughput above, latency below, by seconds.</summary>
public static class SvgPlot
{
    private const int Width = 900;
    private const int Height = 250;
    private const int Left = 80;
    private const int Right = 20;
    private const int Top = 40;
    private const int Lines = 5;

    private static readonly string[] Colours = ["#1f77b4", "#2ca02c", "#d62728"];

    /// <summary>Draws a run.</summary>
    /// <param name="title">What was run.</param>
    /// <param name="series">The run by seconds.</param>
    public static string Draw(string title, IReadOnlyList<Sample> series)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {(2 * (Height + Top)) + 20}"
              font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>

            """);
        var times = series.Select(static one => one.At.TotalSeconds).ToList();
        var timed = series.Where(static one => one.Latency.Count > 0).ToList();
        Panel(text, 0, $"{title}: MB/s", times, [("MB/s", [.. series.Select(static one => one.BytesPerSecond / 1e6)])]);
        Panel(
            text, Height + Top, "latency, ms", [.. timed.Select(static one => one.At.TotalSeconds)],
            [Of("p50", 50), Of("p99", 99), Of("p99.9", 99.9)]);
        return text.Append("</svg>\n").ToString();

        (string, List<double>) Of(string name, double percent) =>
            (name, [.. timed.Select(one => one.Latency.Percentile(percent).TotalMilliseconds)]);
    }

    private static void Panel(
        StringBuilder text, int top, string title, List<double> times, (string Name, List<double> Values)[] curves)
    {
        var most = Ceiling(curves.SelectMany(static one => one.Values).DefaultIfEmpty(1).Max());
        var end = Math.Max(times.DefaultIfEmpty(1).Max(), 1e-9);
        var foot = top + Height;
        text.Append(CultureInfo.InvariantCulture, $"""
            <text x="{Left}" y="{top + 24}" font-size="14">{Escaped(title)}</text>

            """);
        for (var line = 0; line <= Lines; line++)
        {
            var y = foot - ((Height - Top) * line / Lines);
            var x = Left + ((Width - Left - Right) * line / Lines);
            var time = Report.Rounded(end * line / Lines, 3);
            text.Append(CultureInfo.InvariantCulture, $"""
                <line x1="{Left}" y1="{y}" x2="{Width - Right}" y2="{y}" stroke="#dddddd"/>
                <text x="{Left - 6}" y="{y + 4}" text-anchor="end">{Report.Rounded(most * line / Lines, 3)}</text>
                <text x="{x}" y="{foot + 16}" text-anchor="middle">{time} s</text>

                """);
        }

        for (var at = 0; at < curves.Length; at++)
        {
            var x = Width - Right - (60 * (curves.Length - at));
            var points = times.Zip(curves[at].Values, (time, value) => string.Create(
                CultureInfo.InvariantCulture,
                $"{Left + (time / end * (Width - Left - Right)):0.#},{foot - (value / most * (Height - Top)):0.#}"));
            text.Append(CultureInfo.InvariantCulture, $"""
                <polyline fill="none" stroke-width="2" stroke="{Colours[at]}" points="{string.Join(' ', points)}"/>
                <text x="{x}" y="{top + 24}" fill="{Colours[at]}">{curves[at].Name}</text>

                """);
        }
    }

    // The next 1, 2 or 5 times a power of ten, so that the lines stand at plain numbers.
    private static double Ceiling(double value)
    {
        if (value <= 0 || !double.IsFinite(value))
            return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return Array.Find([power, 2 * power, 5 * power, 10 * power], one => one >= value);
    }

    private static string Escaped(string text) => System.Security.SecurityElement.Escape(text);
}
