using Barnabas.Client;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Client;

public sealed class AlarmTests
{
    [Theory]
    [InlineData(new[] { 5 }, new[] { 5.0 })]
    [InlineData(new[] { 5, 9 }, new[] { 5.0 })]
    [InlineData(new[] { 9, 5 }, new[] { 5.0 })]
    [InlineData(new[] { 9, 5, 7 }, new[] { 5.0 })]
    public void It_rings_once_as_early_as_it_was_set_to(int[] seconds, double[] rings) =>
        Assert.Equal(rings, Rung(alarm =>
        {
            foreach (var after in seconds)
                alarm(after);
        }));

    [Fact]
    public void It_is_set_again_where_it_rings() =>
        Assert.Equal([5, 7], Rung(static alarm => alarm(5), static alarm => alarm(2)));

    /// <summary>When it rang, in seconds.</summary>
    /// <param name="set">Sets it, at first and at each ring.</param>
    private static List<double> Rung(params Action<Action<int>>[] set)
    {
        var world = new World(1);
        var lane = world.NewHost(new SimDisk(1, world)).Lanes.NewLane("alarm");
        var rung = new List<double>();
        var begun = world.GetTimestamp();
        world.Run(
            () => lane.RunAsync(async () =>
            {
                Alarm? alarm = null;
                await using var owned = alarm = new Alarm(world, lane, Ring);
                Set();
                await Task.Delay(TimeSpan.FromMinutes(1), world);

                void Ring()
                {
                    Assert.Same(lane, SynchronizationContext.Current);
                    rung.Add(Math.Round(world.GetElapsedTime(begun).TotalSeconds, 3));
                    Set();
                }

                void Set()
                {
                    if (rung.Count < set.Length)
                        set[rung.Count](after => alarm!.Set(world.GetTimestamp(), TimeSpan.FromSeconds(after)));
                }
            }),
            TimeSpan.FromHours(1));
        return rung;
    }
}
