using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Cluster.Partitions;

public sealed class SharedListTests
{
    [Fact]
    public void Partitions_with_equal_replicas_hold_them_once()
    {
        var topic = new TopicId(new Uuid(1, 2));
        var state = ClusterState.Empty.Apply(
            [new TopicRecord { Name = "orders", TopicId = topic }, Partition(0, 1, 2, 3), Partition(1, 1, 2, 3)]);
        var (first, second) = (At(state, 0), At(state, 1));

        // Arrays are equal that are one and the same.
        Assert.True(first.Replicas == second.Replicas && first.Isr == second.Replicas);
        Assert.True(first.Directories == second.Directories);

        state = state.Apply([
            new PartitionChangeRecord { TopicId = topic, PartitionId = 0, Isr = [new(1)] },
            new PartitionChangeRecord { TopicId = topic, PartitionId = 1, Isr = [new(2), new(1)] }]);
        Assert.Equal([new BrokerId(1)], At(state, 0).Isr.ToArray());
        Assert.Equal([new BrokerId(2), new BrokerId(1)], At(state, 1).Isr.ToArray());
        Assert.Equal([new BrokerId(1), new BrokerId(2), new BrokerId(3)], second.Isr.ToArray());

        PartitionRecord Partition(int index, params int[] replicas) => new()
        {
            TopicId = topic,
            PartitionId = index,
            Replicas = [.. replicas.Select(static id => new BrokerId(id))],
            Isr = [.. replicas.Select(static id => new BrokerId(id))],
            Directories = [.. replicas.Select(static id => new Uuid(7, (ulong)id + 1_000))],
            Leader = new(replicas[0]),
            LeaderEpoch = new(0),
            PartitionEpoch = 0,
        };
    }

    private static PartitionState At(ClusterState state, int index) =>
        state.FindPartition(new TopicPartition("orders", index))!;
}
