using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Sim;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Cluster;

public sealed class PlacementTests
{
    [Theory]
    [InlineData(1, 7, 1)]
    [InlineData(3, 9, 2)]
    [InlineData(3, 12, 3)]
    [InlineData(5, 25, 3)]
    [InlineData(7, 50, 3)]
    public void Leaders_and_replicas_are_spread_evenly(int brokers, int partitions, int factor)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var placed = Place(Sample.Brokers(brokers), partitions, factor, seed);
            var leaders = Enumerable.Range(1, brokers).Select(id => placed.Count(p => p.Leader.Value == id)).ToList();
            var replicas = Enumerable.Range(1, brokers)
                .Select(id => placed.Count(p => p.Replicas.Contains(new BrokerId(id)))).ToList();
            Assert.True(leaders.Max() - leaders.Min() <= 1, $"seed {seed}: leaders {string.Join(",", leaders)}");
            Assert.True(replicas.Max() - replicas.Min() <= 2, $"seed {seed}: replicas {string.Join(",", replicas)}");
            Assert.All(placed, partition => Assert.Equal(factor, partition.Replicas.Distinct().Count()));
        }
    }

    [Theory]
    [InlineData(6, 3, 3)]
    [InlineData(6, 2, 2)]
    [InlineData(5, 3, 3)]
    public void Replicas_stand_in_as_many_racks_as_there_are(int brokers, int racks, int factor)
    {
        var state = Sample.Brokers(brokers, id => $"r{id % racks}");
        foreach (var partition in Place(state, 30, factor, seed: 3))
            Assert.Equal(Math.Min(racks, factor), partition.Replicas.Select(id => id.Value % racks).Distinct().Count());
    }

    [Fact]
    public void A_fenced_broker_never_leads_and_is_taken_only_when_needed()
    {
        var state = Sample.Brokers(3).Apply(new FenceBrokerRecord { Id = new BrokerId(2), Epoch = 2 });
        foreach (var partition in Place(state, 20, 2, seed: 5))
            Assert.DoesNotContain(new BrokerId(2), partition.Replicas);
        foreach (var partition in Place(state, 20, 3, seed: 5))
        {
            Assert.Equal(3, partition.Replicas.Length);
            Assert.NotEqual(new BrokerId(2), partition.Leader);
            Assert.DoesNotContain(new BrokerId(2), partition.Isr);
        }
    }

    [Fact]
    public void Chance_decides_who_leads_the_first_partition_and_who_follows_it()
    {
        var first = Enumerable.Range(0, 50)
            .Select(seed => Place(Sample.Brokers(3), 1, 2, seed)[0])
            .Select(partition => (partition.Replicas[0], partition.Replicas[1]))
            .Distinct();
        Assert.Equal(6, first.Count());
    }

    private static List<PartitionState> Place(ClusterState state, int partitions, int factor, int seed)
    {
        var decision = CreateTopics.Decide(
            state,
            new() { Topics = [new() { Name = "t", NumPartitions = partitions, ReplicationFactor = (short)factor }] },
            new TopicRules(Sample.Configs, new SimRandom((ulong)seed)));
        Assert.Equal(ErrorCode.None, decision.Answer.Topics[0].ErrorCode);
        return [.. state.After(decision).Topics["t"].Partitions.Select(partition => partition.Value)];
    }
}
