using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using Answer = Barnabas.Wire.Messages.AssignReplicasToDirsResponse;

namespace Barnabas.Cluster;

/// <summary>A broker says in which log directories its replicas are (KIP-858).</summary>
public static class AssignReplicasToDirs
{
    /// <summary>Decides on a request. Replicas in a directory that is not online may not lead nor be in sync; one that
    /// is found in a directory that is online leads where nobody does.</summary>
    public static Decision<Answer, ITypedRecord> Decide(
        ClusterState state, AssignReplicasToDirsRequest request, EffectiveConfigs configs)
    {
        if (!state.Brokers.TryGetValue(request.BrokerId, out var broker))
            return new Answer { ErrorCode = ErrorCode.BrokerIdNotRegistered };
        if (broker.Epoch != request.BrokerEpoch)
            return new Answer { ErrorCode = ErrorCode.StaleBrokerEpoch };
        var records = new List<ITypedRecord>();
        var rules = new LeadershipRules(state, configs);
        var rulesWithoutIt = new LeadershipRules(state, configs) { Leaving = broker.Id };
        var answer = new Answer();
        foreach (var directory in request.Directories)
        {
            var isOnline = broker.LogDirs.Contains(directory.Id);
            var told = new Answer.DirectoryData { Id = directory.Id };
            foreach (var asked in directory.Topics)
            {
                var topic = new Answer.TopicData { TopicId = asked.TopicId };
                foreach (var index in asked.Partitions.Select(partition => partition.PartitionIndex))
                {
                    var error = Find(state, asked.TopicId, index, broker.Id, out var found);
                    topic.Partitions.Add(new() { PartitionIndex = index, ErrorCode = error });
                    if (found is null)
                        continue;
                    var partition = found.Partitions[index];
                    var change = new PartitionChange(found, index, isOnline ? rules : rulesWithoutIt)
                    {
                        Directories = partition.Directories.SetItem(
                            partition.Replicas.IndexOf(broker.Id), directory.Id),
                        Isr = isOnline ? partition.Isr : partition.Isr.Remove(broker.Id),
                    };
                    if (change.Build() is { } record)
                        records.Add(record);
                }

                told.Topics.Add(topic);
            }

            answer.Directories.Add(told);
        }

        return new(answer, records);
    }

    /// <summary>The answer where there is no controller to decide.</summary>
    public static Answer Refuse(ErrorCode error) => new() { ErrorCode = error };

    private static ErrorCode Find(
        ClusterState state, TopicId id, int index, BrokerId broker, out TopicState? found)
    {
        found = null;
        if (!state.TryGetTopic(id, out var topic))
            return ErrorCode.UnknownTopicId;
        if (!topic.Partitions.TryGetValue(index, out var partition))
            return ErrorCode.UnknownTopicOrPartition;
        if (!partition.Replicas.Contains(broker))
            return ErrorCode.NotLeaderOrFollower;
        found = topic;
        return ErrorCode.None;
    }
}
