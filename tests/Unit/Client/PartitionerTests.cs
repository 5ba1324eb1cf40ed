using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Client;

public sealed class PartitionerTests
{
    [Theory]
    [InlineData("", 275646681)]
    [InlineData("61", -1563381124)]
    [InlineData("6162", 316155434)]
    [InlineData("616263", 479470107)]
    [InlineData("61626364", -1323649548)]
    [InlineData("3231", -973932308)]
    [InlineData("666f6f626172", -790332482)]
    [InlineData("612d6c6974746c652d6269742d6c6f6e672d737472696e67", -985981536)]
    [InlineData("612d6c6974746c652d6269742d6c6f6e6765722d737472696e67", -1486304829)]
    [InlineData("6b6579", -1079937367)]
    [InlineData("00", 375494588)]
    [InlineData("fffefdfc", 2136149935)]
    [InlineData("c3a9e4b8ad", -289825924)]
    public void Keys_hash_as_in_Java(string key, int hash)
    {
        var bytes = Convert.FromHexString(key);
        Assert.Equal(hash, Murmur2.Hash(bytes));
        Assert.Equal((hash & int.MaxValue) % 50, Murmur2.Partition(bytes, 50));
    }

    [Fact]
    public void A_key_keeps_its_partition_while_that_has_no_leader()
    {
        var partitioner = Partitioners.Default(Context());
        var all = Topic(10, leaderless: []);
        var some = Topic(10, leaderless: [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        Assert.Equal(partitioner.Partition(all, "user-42"u8, 10), partitioner.Partition(some, "user-42"u8, 10));
    }

    [Fact]
    public void Records_without_a_key_stick_to_a_partition_for_a_batch()
    {
        var partitioner = Partitioners.Default(Context(batchSize: 1000));
        var topic = Topic(8, leaderless: [3]);
        var chosen = Enumerable.Range(0, 4000).Select(_ => partitioner.Partition(topic, default, 100)).ToList();
        foreach (var batch in chosen.Chunk(10))
            Assert.Single(batch.Distinct());
        Assert.Equal(7, chosen.Distinct().Count());
        Assert.DoesNotContain(3, chosen);
    }

    [Fact]
    public void Round_robin_takes_one_after_the_other()
    {
        var partitioner = Partitioners.RoundRobin(Context());
        var topic = Topic(3, leaderless: []);
        Assert.Equal([0, 1, 2, 0, 1], Enumerable.Range(0, 5).Select(_ => partitioner.Partition(topic, "k"u8, 1)));
    }

    private static PartitionerContext Context(int batchSize = 16384) => new(new World(1).Random, batchSize);

    private static TopicView Topic(int partitions, int[] leaderless) => new(
        "t", TopicId.None, false, Enumerable.Range(0, partitions).Select(i => new PartitionView(
            i, leaderless.Contains(i) ? BrokerId.None : new BrokerId(1), new LeaderEpoch(0), [], [], [])));
}
