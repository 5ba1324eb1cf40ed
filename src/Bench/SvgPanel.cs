using System.Globalization;
using System.Text;

namespace Barnabas.Bench;

/// <summary>Some curves over one axis, drawn as SVG.</summary>
/// <param name="Title">What they show.</param>
/// <param name="Marks">What stands below the axis, at equal distances from its beginning to its end.</param>
/// <param name="Curves">Their names, and their points: where along the axis, from 0 to 1, and how high.</param>
internal sealed record SvgPanel(
    string Title, IReadOnlyList<string> Marks, IReadOnlyList<(string Name, List<(double X, double Y)> Points)> Curves)
{
    private const int Width = 900;
    private const int Height = 250;
    private const int Left = 80;
    private const int Right = 20;
    private const int Top = 40;
    private const int Lines = 5;

    private static readonly string[] Colours = ["#1f77b4", "#2ca02c", "#d62728"];

    /// <summary>Draws panels below each other.</summary>
    public static string Draw(IReadOnlyList<SvgPanel> panels)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {(panels.Count * (Height + Top)) + 20}"
              font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>

            """);
        for (var at = 0; at < panels.Count; at++)
            panels[at].AddTo(text, at * (Height + Top));
        return text.Append("</svg>\n").ToString();
    }

    private void AddTo(StringBuilder text, int top)
    {
        var points = Curves.SelectMany(static one => one.Points);
        var most = Ceiling(points.Select(static one => one.Y).DefaultIfEmpty(1).Max());
        var foot = top + Height;
        text.Append(CultureInfo.InvariantCulture, $"""
            <text x="{Left}" y="{top + 24}" font-size="14">{Escaped(Title)}</text>

            """);
        for (var rule = 0; rule <= Lines; rule++)
        {
            var y = foot - ((Height - Top) * rule / Lines);
            text.Append(CultureInfo.InvariantCulture, $"""
                <line x1="{Left}" y1="{y}" x2="{Width - Right}" y2="{y}" stroke="#dddddd"/>
                <text x="{Left - 6}" y="{y + 4}" text-anchor="end">{Report.Rounded(most * rule / Lines, 3)}</text>

                """);
        }

        for (var mark = 0; mark < Marks.Count; mark++)
        {
            var x = Left + ((Width - Left - Right) * mark / Math.Max(1, Marks.Count - 1));
            text.Append(CultureInfo.InvariantCulture, $"""
                <text x="{x}" y="{foot + 16}" text-anchor="middle">{Escaped(Marks[mark])}</text>

                """);
        }

        for (var at = 0; at < Curves.Count; at++)
        {
            var x = Width - Right - (60 * (Curves.Count - at));
            var line = Curves[at].Points.Select(point => string.Create(
                CultureInfo.InvariantCulture,
                $"{Left + (point.X * (Width - Left - Right)):0.#},{foot - (point.Y / most * (Height - Top)):0.#}"));
            text.Append(CultureInfo.InvariantCulture, $"""
                <polyline fill="none" stroke-width="2" stroke="{Colours[at]}" points="{string.Join(' ', line)}"/>
                <text x="{x}" y="{top + 24}" fill="{Colours[at]}">{Curves[at].Name}</text>

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
