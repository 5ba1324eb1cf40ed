using System.Xml.Linq;
using Barnabas.Bench;

namespace Barnabas.Tests.Unit.Bench;

public sealed class SvgPlotTests
{
    [Fact]
    public void A_run_is_drawn_with_a_point_for_each_second()
    {
        var latency = new Histogram();
        latency.Record(TimeSpan.FromMilliseconds(3));
        var series = Enumerable.Range(1, 10).Select(second => new Sample(
            TimeSpan.FromSeconds(second), TimeSpan.FromSeconds(1), new Tally(1, 1, second * 1_000_000L),
            second < 3 ? new Histogram() : latency)).ToList();
        var curves = Curves(SvgPlot.Draw("a < b & c", series));
        Assert.Equal([10, 8, 8, 8], curves.Select(static points => points.Length));
        Assert.Equal(curves[0].OrderByDescending(static point => point.Y), curves[0]);
        Assert.All(curves.SelectMany(static points => points), static point =>
        {
            Assert.InRange(point.X, 80, 880);
            Assert.InRange(point.Y, 0, 560);
        });
    }

    [Fact]
    public void A_run_of_nothing_is_drawn_too() =>
        Assert.All(Curves(SvgPlot.Draw("nothing", [])), static points => Assert.Empty(points));

    [Fact]
    public void Curves_stand_below_each_other_with_their_points_at_equal_distances()
    {
        var svg = CurvePlot.Draw(
        [
            new Curve("by topics", "s/GB", [("0", 2), ("10", 2), ("1,000", 4)]),
            new Curve("by <groups>", "s/GB", [("0", 1)]),
        ]);
        var (first, second) = (Curves(svg)[0], Curves(svg)[1]);
        Assert.Equal([80, 480, 880], first.Select(static point => point.X));
        Assert.Equal(first[0].Y, first[1].Y);
        Assert.True(first[2].Y < first[1].Y);
        Assert.Equal(80, Assert.Single(second).X);
        Assert.All(first, point => Assert.True(point.Y < second[0].Y));
        var texts = XDocument.Parse(svg).Descendants().Select(static one => one.Value).ToList();
        Assert.Contains("1,000", texts);
        Assert.Contains("by <groups>: s/GB", texts);
    }

    private static List<(double X, double Y)[]> Curves(string svg) =>
    [
        .. XDocument.Parse(svg).Descendants().Where(static one => one.Name.LocalName == "polyline").Select(
            static one => one.Attribute("points")!.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(
                static point => point.Split(',')).Select(
                static pair => (double.Parse(pair[0]), double.Parse(pair[1]))).ToArray()),
    ];
}
