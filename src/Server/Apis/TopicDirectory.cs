using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Replication;

namespace Barnabas.Server.Apis;

/// <summary>From what a client calls a partition to the partition held here.</summary>
/// <param name="state">The cluster as it is known here now.</param>
/// <param name="replicas">The partitions held here.</param>
public sealed class TopicDirectory(Func<ClusterState> state, Replicas replicas)
{
    /// <summary>Finds a topic by id where one is given, else by name.</summary>
    /// <returns>None; UNKNOWN_TOPIC_ID; UNKNOWN_TOPIC_OR_PARTITION.</returns>
    public ErrorCode FindTopic(string name, TopicId id, out TopicState? topic)
    {
        var now = state();
        if (id == TopicId.None)
            return now.Topics.TryGetValue(name, out topic) ? ErrorCode.None : ErrorCode.UnknownTopicOrPartition;
        return now.TryGetTopic(id, out topic) ? ErrorCode.None : ErrorCode.UnknownTopicId;
    }

    /// <summary>Finds a partition held here.</summary>
    /// <returns>None; the errors of <see cref="FindTopic"/>; NOT_LEADER_OR_FOLLOWER where another node holds it, or
    /// this one does not yet.</returns>
    public ErrorCode Find(string name, TopicId id, int index, out Partition? partition)
    {
        partition = null;
        var error = FindTopic(name, id, out var topic);
        if (error != ErrorCode.None)
            return error;
        if (!topic!.Partitions.ContainsKey(index))
            return ErrorCode.UnknownTopicOrPartition;
        partition = replicas.Find(topic.Id, index);
        return partition is null ? ErrorCode.NotLeaderOrFollower : ErrorCode.None;
    }
}
