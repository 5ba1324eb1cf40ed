using System.Globalization;

namespace Barnabas.Bench;

/// <summary>A run as a picture: throughput above, latency below, by seconds.</summary>
public static class SvgPlot
{
    private const int Marks = 5;

    /// <summary>Draws a run.</summary>
    /// <param name="title">What was run.</param>
    /// <param name="series">The run by seconds.</param>
    public static string Draw(string title, IReadOnlyList<Sample> series)
    {
        var timed = series.Where(static one => one.Latency.Count > 0).ToList();
        return SvgPanel.Draw(
        [
            Panel($"{title}: MB/s", series, ("MB/s", static one => one.BytesPerSecond / 1e6)),
            Panel("latency, ms", timed, Of("p50", 50), Of("p99", 99), Of("p99.9", 99.9)),
        ]);

        static (string, Func<Sample, double>) Of(string name, double percent) =>
            (name, one => one.Latency.Percentile(percent).TotalMilliseconds);
    }

    private static SvgPanel Panel(
        string title, IReadOnlyList<Sample> series, params (string Name, Func<Sample, double> Value)[] curves)
    {
        var end = Math.Max(series.Select(static one => one.At.TotalSeconds).DefaultIfEmpty(1).Max(), 1e-9);
        var marks = Enumerable.Range(0, Marks + 1).Select(
            at => string.Create(CultureInfo.InvariantCulture, $"{Report.Rounded(end * at / Marks, 3)} s"));
        return new(
            title, [.. marks],
            [
                .. curves.Select(curve => (curve.Name, series.Select(
                    one => (one.At.TotalSeconds / end, curve.Value(one))).ToList())),
            ]);
    }
}
