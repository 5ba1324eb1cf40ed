using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>Asks what a group is: as one of the new protocol first (KIP-848), then as a classic one. Runs on the
/// client's lane.</summary>
internal static class GroupInquiry
{
    /// <summary>A group; null when there is none of that id.</summary>
    public static async Task<GroupDescription?> DescribeAsync(ClientCore core, string group, Deadline deadline) =>
        await NewAsync(core, group, deadline) ?? await ClassicAsync(core, group, deadline);

    private static async Task<GroupDescription?> NewAsync(ClientCore core, string group, Deadline deadline)
    {
        try
        {
            var answer = await core.Coordinators.CallAsync(
                group, new ConsumerGroupDescribeRequest { GroupIds = [group] }, deadline, a => a.Groups[0].ErrorCode);
            var found = answer.Groups[0];
            if (found.ErrorCode is ErrorCode.GroupIdNotFound or ErrorCode.UnsupportedVersion)
                return null;
            Check(group, found.ErrorCode, found.ErrorMessage);
            var members = found.Members.OrderBy(m => m.MemberId, StringComparer.Ordinal).Select(m => new GroupMember(
                m.MemberId, m.InstanceId, m.ClientId, m.ClientHost, Partitions(m.Assignment))
            {
                Epoch = m.MemberEpoch,
                Target = Partitions(m.TargetAssignment),
            });
            return new(
                group, found.GroupState, "consumer", ConsumerProtocol.Type, found.AssignorName,
                await core.Coordinators.FindAsync(group, deadline), [.. members])
            {
                Epoch = found.GroupEpoch,
            };
        }
        catch (KafkaException fault) when (fault.Code == ErrorCode.UnsupportedVersion)
        {
            // A broker that does not know the new protocol has no groups of it.
            return null;
        }
    }

    private static async Task<GroupDescription?> ClassicAsync(ClientCore core, string group, Deadline deadline)
    {
        var answer = await core.Coordinators.CallAsync(
            group, new DescribeGroupsRequest { Groups = [group] }, deadline, a => a.Groups[0].ErrorCode);
        var found = answer.Groups[0];
        // Before version 6 a group that does not exist is one that is dead.
        if (found.ErrorCode == ErrorCode.GroupIdNotFound || found.GroupState == "Dead")
            return null;
        Check(group, found.ErrorCode, found.ErrorMessage);
        var isForConsumers = found.ProtocolType == ConsumerProtocol.Type;
        var members = found.Members.OrderBy(m => m.MemberId, StringComparer.Ordinal).Select(m => new GroupMember(
            m.MemberId, m.GroupInstanceId, m.ClientId, m.ClientHost,
            isForConsumers ? [.. ConsumerProtocol.ReadAssignment(m.MemberAssignment).Order()] : []));
        return new(
            group, found.GroupState, "classic", found.ProtocolType, found.ProtocolData,
            await core.Coordinators.FindAsync(group, deadline), [.. members]);
    }

    private static void Check(string group, ErrorCode code, string? message)
    {
        if (code != ErrorCode.None)
            throw new KafkaException(code, message ?? $"group '{group}': {code.Meaning()}");
    }

    private static IReadOnlyList<TopicPartition> Partitions(ConsumerGroupDescribeResponse.Assignment assignment) =>
    [
        .. assignment.TopicPartitions
            .SelectMany(t => t.Partitions.Select(p => new TopicPartition(t.TopicName, p))).Order(),
    ];
}
