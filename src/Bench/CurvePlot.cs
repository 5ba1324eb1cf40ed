namespace Barnabas.Bench;

/// <summary>What something costs while something else grows.</summary>
/// <param name="Title">What costs, and what grows.</param>
/// <param name="Unit">Of the cost.</param>
/// <param name="Points">How far it has grown, and the cost then.</param>
public sealed record Curve(string Title, string Unit, IReadOnlyList<(string Grown, double Cost)> Points);

/// <summary>Curves as a picture, each by itself, the points at equal distances.</summary>
public static class CurvePlot
{
    /// <summary>Draws them.</summary>
    public static string Draw(IReadOnlyList<Curve> curves) => SvgPanel.Draw(
    [
        .. curves.Select(static curve => new SvgPanel(
            $"{curve.Title}: {curve.Unit}", [.. curve.Points.Select(static point => point.Grown)],
            [("", [.. curve.Points.Select((point, at) => (At(at, curve.Points.Count), point.Cost))])])),
    ]);

    private static double At(int index, int count) => count < 2 ? 0 : (double)index / (count - 1);
}
