using Barnabas.Cli;

namespace Barnabas.Tests.Unit.Cli;

public sealed class ProgressBarTests
{
    [Fact]
    public void It_tells_share_speed_and_what_is_left() => Assert.Equal(
        "[###############...............] 50%  1 MiB/s  5s left",
        ProgressBar.Line(10 << 20, 5 << 20, TimeSpan.FromSeconds(5)));

    [Fact]
    public void Without_a_total_it_tells_what_is_done() => Assert.Equal(
        "1.5 KiB  512 B/s", ProgressBar.Line(null, 1536, TimeSpan.FromSeconds(3)));

    [Fact]
    public void A_total_that_was_too_small_is_100_percent() =>
        Assert.StartsWith($"[{new string('#', 30)}] 100%", ProgressBar.Line(10, 20, TimeSpan.FromSeconds(1)));

    [Fact]
    public void Work_that_is_over_at_once_draws_nothing()
    {
        var to = new StringWriter();
        using (var progress = new ProgressBar(100, to))
            progress.Advance(100);
        Assert.Equal("", to.ToString());
    }
}
