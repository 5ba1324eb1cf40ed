using Barnabas.Server.Quotas;
using Barnabas.Sim;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Server.Quotas;

public sealed class RateBucketTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    [Fact]
    public void What_fits_the_window_passes_at_once_and_the_rest_is_waited_for()
    {
        var (world, bucket) = Of(rate: 100);

        Assert.Equal(1000, bucket.MostAtOnce);
        Assert.Equal(TimeSpan.Zero, bucket.Take(400));
        Assert.Equal(TimeSpan.Zero, bucket.Take(600));
        Assert.Equal(TimeSpan.FromSeconds(1), bucket.Take(100));
        Assert.Equal(TimeSpan.FromSeconds(3), bucket.Take(200));
        world.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal((TimeSpan.FromSeconds(1), -100), (bucket.Debt, bucket.Available));
        world.RunFor(TimeSpan.FromSeconds(3));
        Assert.Equal((TimeSpan.Zero, 200), (bucket.Debt, bucket.Available));
    }

    [Fact]
    public void Credit_never_exceeds_the_window()
    {
        var (world, bucket) = Of(rate: 100);
        world.RunFor(TimeSpan.FromDays(1));

        Assert.Equal((1000, true), (bucket.Available, bucket.IsFull));
        Assert.Equal(TimeSpan.FromSeconds(5), bucket.Take(1500));
        Assert.False(bucket.IsFull);
    }

    [Fact]
    public void What_there_is_no_credit_for_is_not_taken_but_waited_for()
    {
        var (world, bucket) = Of(rate: 100);

        Assert.Equal(TimeSpan.Zero, bucket.TryTake(900));
        Assert.Equal(TimeSpan.FromSeconds(2), bucket.TryTake(300));
        Assert.Equal(100, bucket.Available);
        world.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.Zero, bucket.TryTake(300));
    }

    [Fact]
    public void What_is_larger_than_the_window_passes_when_all_credit_is_there()
    {
        var (world, bucket) = Of(rate: 100);

        Assert.Equal(TimeSpan.Zero, bucket.TryTake(5000));
        Assert.Equal(TimeSpan.FromSeconds(40), bucket.TryTake(0));
        world.RunFor(TimeSpan.FromSeconds(40));
        Assert.Equal(Window, bucket.TryTake(5000));
        world.RunFor(Window);
        Assert.Equal(TimeSpan.Zero, bucket.TryTake(5000));
    }

    [Fact]
    public void A_debt_is_paid_at_the_rate_that_holds_now()
    {
        var (_, bucket) = Of(rate: 100);
        bucket.Take(2000);
        bucket.Change(1000);
        Assert.Equal((TimeSpan.FromSeconds(1), -1000), (bucket.Debt, bucket.Available));
        bucket.Change(10);
        Assert.Equal(TimeSpan.FromSeconds(100), bucket.Debt);
    }

    [Fact]
    public void No_debt_is_longer_than_a_client_can_be_told()
    {
        var (world, bucket) = Of(rate: double.Epsilon);
        for (var i = 0; i < 3; i++)
            Assert.InRange(bucket.Take(1e300).TotalMilliseconds, int.MaxValue - 10_000, int.MaxValue);
        world.RunFor(TimeSpan.FromMilliseconds(int.MaxValue));
        Assert.Equal(TimeSpan.Zero, bucket.Debt);
    }

    /// <summary>Whoever waits as told uses no more than the quota and one window's credit, and, if always hungry, no
    /// less than the quota.</summary>
    [Fact]
    public void The_rate_comes_to_its_quota() =>
        Prop.ForAll<PositiveInt, PositiveInt[]>((rate, amounts) =>
        {
            var (world, bucket) = Of(rate.Get);
            var used = 0.0;
            foreach (var amount in amounts)
            {
                used += amount.Get;
                world.RunFor(bucket.Take(amount.Get));
            }

            var allowed = rate.Get * (world.Age + Window).TotalSeconds;
            return used <= allowed + 1e-3 && (world.Age == TimeSpan.Zero || used >= allowed - (rate.Get * 1e-3));
        }).QuickCheckThrowOnFailure();

    /// <summary>Whoever asks before taking never has more than the quota and one window's credit.</summary>
    [Fact]
    public void What_is_asked_for_first_never_makes_a_debt() =>
        Prop.ForAll<PositiveInt, (PositiveInt Amount, byte Pause)[]>((rate, steps) =>
        {
            var (world, bucket) = Of(rate.Get);
            var used = 0.0;
            foreach (var (amount, pause) in steps)
            {
                world.RunFor(TimeSpan.FromMilliseconds(pause));
                var most = Math.Min(amount.Get, bucket.MostAtOnce);
                if (bucket.TryTake(most) == TimeSpan.Zero)
                    used += most;
                if (bucket.Debt > TimeSpan.Zero || used > (rate.Get * (world.Age + Window).TotalSeconds) + 1e-3)
                    return false;
            }

            return true;
        }).QuickCheckThrowOnFailure();

    private static (World World, RateBucket Bucket) Of(double rate)
    {
        var world = new World(1);
        return (world, new RateBucket(world, rate, Window));
    }
}
