using Barnabas.Base;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Base;

public sealed class LaneTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_loop_fails_with_is_thrown_though_nobody_awaits_it(bool isHere)
    {
        var world = new World(1);
        var lane = world.NewHost(new SimDisk(1, world)).Lanes.NewLane("loop");
        var fault = Assert.Throws<InvalidOperationException>(() => world.Run(
            async () =>
            {
                _ = isHere
                    ? lane.RunAsync(() => Lane.BeginHereAsync(LoopAsync))
                    : lane.BeginAsync(LoopAsync);
                await Task.Delay(TimeSpan.FromMinutes(1), world);
            },
            TimeSpan.FromHours(1)));
        Assert.Equal("a fault of ours", fault.Message);

        async Task LoopAsync()
        {
            await Task.Delay(TimeSpan.FromSeconds(1), world);
            throw new InvalidOperationException("a fault of ours");
        }
    }

    [Fact]
    public void Whoever_tells_a_loop_to_end_can_wait_for_that()
    {
        var world = new World(1);
        var lane = world.NewHost(new SimDisk(1, world)).Lanes.NewLane("loop");
        world.Run(
            async () =>
            {
                var rounds = 0;
                var stops = false;
                var loop = lane.BeginAsync(async () =>
                {
                    while (!stops)
                    {
                        rounds++;
                        await Task.Delay(TimeSpan.FromSeconds(1), world);
                    }
                });
                await Task.Delay(TimeSpan.FromSeconds(5.5), world);
                stops = true;
                await loop;
                Assert.Equal(6, rounds);
            },
            TimeSpan.FromHours(1));
    }
}
