using Barnabas.Server.Quotas;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Server.Quotas;

public sealed class QuotaBucketsTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    [Fact]
    public void Clients_of_one_scope_share_a_bucket()
    {
        var buckets = new QuotaBuckets(new World(1));
        var scope = new QuotaScope("k", "alice", null);

        Assert.Same(buckets.Get(scope, 5, Window), buckets.Get(scope, 5, Window));
        Assert.NotSame(buckets.Get(scope, 5, Window), buckets.Get(scope with { Key = "other" }, 5, Window));
        Assert.NotSame(buckets.Get(scope, 5, Window), buckets.Get(new("k", null, "alice"), 5, Window));
        Assert.Equal(70, buckets.Get(scope, 7, Window).MostAtOnce);
    }

    [Fact]
    public void Those_that_owe_nothing_are_dropped_and_those_that_do_are_kept()
    {
        var world = new World(1);
        var buckets = new QuotaBuckets(world);
        var debtor = buckets.Get(new("k", "debtor", null), 1, Window);
        debtor.Take(1_000_000);
        for (var i = 0; i < 100_000; i++)
        {
            buckets.Get(new("k", $"user {i}", null), 1, Window).Take(1);
            if (i % 100 == 0)
                world.RunFor(Window);
        }

        Assert.InRange(buckets.Count, 1, 2048);
        Assert.Same(debtor, buckets.Get(new("k", "debtor", null), 1, Window));
    }

    [Fact]
    public void There_is_a_limit_beyond_which_nobody_is_remembered()
    {
        var buckets = new QuotaBuckets(new World(1));
        for (var i = 0; i < QuotaBuckets.Most + 10; i++)
            buckets.Get(new("k", $"user {i}", null), 1, Window).Take(1);

        Assert.Equal(QuotaBuckets.Most, buckets.Count);
        var last = new QuotaScope("k", $"user {QuotaBuckets.Most + 5}", null);
        Assert.Equal(10, buckets.Get(last, 1, Window).Available);
    }
}
