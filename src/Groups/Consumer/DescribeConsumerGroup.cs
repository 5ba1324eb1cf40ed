using Barnabas.Cluster;
using Barnabas.Groups.Assignors;
using Described = Barnabas.Wire.Messages.ConsumerGroupDescribeResponse;

namespace Barnabas.Groups.Consumer;

/// <summary>A consumer group as ConsumerGroupDescribe shows it (KIP-848).</summary>
public static class DescribeConsumerGroup
{
    /// <summary>Its state and members. Partitions of topics that are gone are left out.</summary>
    public static Described.DescribedGroup Describe(
        ConsumerGroup group, ClusterState cluster, ServerAssignors assignors) => new()
        {
            GroupId = group.Id,
            GroupState = group.StateName,
            GroupEpoch = group.Epoch,
            AssignmentEpoch = group.AssignmentEpoch,
            AssignorName = TargetAssignment.AssignorOf(group, assignors).Name,
            Members = [.. group.Members.Select(member => Describe(group, member.Value, cluster))],
        };

    private static Described.Member Describe(ConsumerGroup group, ConsumerMember member, ClusterState cluster) => new()
    {
        MemberId = member.MemberId,
        InstanceId = member.InstanceId,
        RackId = member.RackId,
        MemberEpoch = member.Epoch,
        ClientId = member.ClientId,
        ClientHost = member.ClientHost,
        SubscribedTopicNames = [.. member.Topics],
        SubscribedTopicRegex = member.Pattern,
        Assignment = Describe(member.Assigned, cluster),
        TargetAssignment = Describe(group.TargetOf(member.MemberId), cluster),
        MemberType = (sbyte)(member.Classic is null ? 1 : 0),
    };

    private static Described.Assignment Describe(PartitionSet set, ClusterState cluster) => new()
    {
        TopicPartitions =
        [
            .. from topic in set.Topics
               let name = cluster.TopicNamesById.TryGetValue(topic.Topic, out var known) ? known : null
               where name is not null
               select new Described.TopicPartitions
               {
                   TopicId = topic.Topic,
                   TopicName = name,
                   Partitions = [.. topic.Partitions],
               },
        ],
    };
}
