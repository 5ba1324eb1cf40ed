using System.Diagnostics;
using Barnabas.Bench;

namespace Barnabas.Tests.Unit.Bench;

public sealed class ScheduleTests
{
    [Theory]
    [InlineData(1, 0, 10, 10)]
    [InlineData(1_000, 0, 2_500, 2.5)]
    [InlineData(1_000, 0.5, 1_000, 1.0005)]
    [InlineData(0.5, 0, 3, 6)]
    public void A_request_is_due_by_its_number_alone(double rate, double phase, long number, double seconds) =>
        Assert.Equal(100 + (long)(seconds * Stopwatch.Frequency), new Schedule(100, rate, phase).DueAt(number), 1.0);

    [Fact]
    public void Lanes_that_share_a_rate_take_turns()
    {
        Schedule[] lanes = [new(0, 100), new(0, 100, 1 / 4.0), new(0, 100, 2 / 4.0), new(0, 100, 3 / 4.0)];
        var due = Enumerable.Range(0, 40).Select(n => lanes[n % 4].DueAt(n / 4)).ToList();
        Assert.Equal(due.Order(), due);
        Assert.Equal(40, due.Distinct().Count());
    }
}
