using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

public sealed partial class Admin
{
    /// <summary>All groups there are.</summary>
    /// <param name="states">Only those in these states, such as Stable; none for all (KIP-518).</param>
    /// <param name="types">Only those of these types, such as classic; none for all (KIP-848).</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>By id.</returns>
    /// <exception cref="KafkaException">A broker did not answer, or cannot filter so.</exception>
    public Task<IReadOnlyList<GroupListing>> ListGroupsAsync(
        IEnumerable<string>? states = null, IEnumerable<string>? types = null, CancellationToken stop = default)
    {
        var request = new ListGroupsRequest { StatesFilter = [.. states ?? []], TypesFilter = [.. types ?? []] };
        return RunAsync<IReadOnlyList<GroupListing>>(
            async deadline =>
            {
                await _core.Metadata.RefreshAsync(deadline);
                var found = new List<GroupListing>();
                foreach (var broker in _core.Metadata.View.Brokers.OrderBy(b => b.Id))
                {
                    var answer = await _core.CallBrokerAsync(broker.Id, request, deadline, a => a.ErrorCode);
                    Check(answer.ErrorCode, $"the groups of broker {broker.Id}: {answer.ErrorCode.Meaning()}");
                    found.AddRange(answer.Groups.Select(g => new GroupListing(
                        g.GroupId, g.ProtocolType, g.GroupState, g.GroupType, broker.Id)));
                }

                // A group that moves meanwhile may be listed by two.
                return [.. found.DistinctBy(g => g.GroupId).OrderBy(g => g.GroupId, StringComparer.Ordinal)];
            },
            stop);
    }

    /// <summary>A group and its members.</summary>
    /// <returns>The group; null when there is none of that id.</returns>
    /// <exception cref="KafkaException">The coordinator refuses, or did not answer.</exception>
    public Task<GroupDescription?> DescribeGroupAsync(string groupId, CancellationToken stop = default) =>
        RunAsync(deadline => GroupInquiry.DescribeAsync(_core, groupId, deadline), stop);

    /// <summary>The positions that a group has stored.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="partitions">In which partitions; null for all it has a position in.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>By partition; those without one are left out, and a group that does not exist has none.</returns>
    /// <exception cref="KafkaException">The coordinator refuses, or did not answer.</exception>
    public Task<IReadOnlyDictionary<TopicPartition, CommittedOffset>> GetGroupOffsetsAsync(
        string groupId, IEnumerable<TopicPartition>? partitions = null, CancellationToken stop = default) =>
        RunAsync<IReadOnlyDictionary<TopicPartition, CommittedOffset>>(
            async deadline => await GroupOffsets.FetchAsync(
                _core, groupId, partitions is null ? null : [.. partitions], isStable: false, deadline), stop);

    /// <summary>How far a group is behind, in all partitions that it has a position in or reads.</summary>
    /// <returns>The lag; null when there is no group of that id.</returns>
    /// <exception cref="KafkaException">The cluster did not answer.</exception>
    public async Task<GroupLag?> GetGroupLagAsync(string groupId, CancellationToken stop = default) =>
        await DescribeGroupAsync(groupId, stop) is { } group ? await GetGroupLagAsync(group, stop) : null;

    /// <summary>How far a group is behind that was described already, in all partitions that it has a position in or
    /// reads.</summary>
    /// <exception cref="KafkaException">The cluster did not answer.</exception>
    public async Task<GroupLag> GetGroupLagAsync(GroupDescription group, CancellationToken stop = default)
    {
        var committed = await GetGroupOffsetsAsync(group.GroupId, null, stop);
        var readers = group.Members.SelectMany(m => m.Assignment.Select(p => (Partition: p, Member: m)))
            .DistinctBy(r => r.Partition).ToDictionary(r => r.Partition, r => r.Member);
        var partitions = committed.Keys.Union(readers.Keys).Order().ToList();
        var topics = await DescribeTopicsAsync([.. partitions.Select(p => p.Topic).Distinct()], stop);
        var sizes = topics.OfType<TopicView>().ToDictionary(t => t.Name, t => t.Partitions.Count);
        var present = partitions.Where(p => p.Partition < sizes.GetValueOrDefault(p.Topic)).ToList();
        var ends = await ListOffsetsAsync(present.Select(p => (p, OffsetSpec.Latest)), stop: stop);
        return new(group.GroupId, [.. partitions.Select(p => new PartitionLag(
            p, committed.TryGetValue(p, out var at) ? at : null,
            ends.TryGetValue(p, out var end) ? end.Offset : null, readers.GetValueOrDefault(p)))]);
    }

    /// <summary>Sets positions of a group that has no members; one that does not exist begins to.</summary>
    /// <returns>What came of each, in order of the partitions.</returns>
    /// <exception cref="KafkaException">The coordinator did not answer.</exception>
    public Task<IReadOnlyList<PartitionResult>> AlterGroupOffsetsAsync(
        string groupId, IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets,
        CancellationToken stop = default) => RunAsync<IReadOnlyList<PartitionResult>>(
            async deadline =>
            {
                var refused = await GroupOffsets.CommitAsync(_core, groupId, MemberIdentity.None, offsets, deadline);
                return [.. offsets.Keys.Order().Select(p => new PartitionResult(
                    p, refused.TryGetValue(p, out var fault) ? Meant(fault) : null))];
            },
            stop);

    /// <summary>Deletes groups that have no members, with their positions.</summary>
    /// <returns>What came of each, in order.</returns>
    /// <exception cref="KafkaException">A coordinator did not answer.</exception>
    public Task<IReadOnlyList<GroupResult>> DeleteGroupsAsync(
        IEnumerable<string> groupIds, CancellationToken stop = default) => RunAsync<IReadOnlyList<GroupResult>>(
        async deadline =>
        {
            var results = new List<GroupResult>();
            foreach (var group in groupIds.Distinct())
            {
                var answer = await _core.Coordinators.CallAsync(
                    group, new DeleteGroupsRequest { GroupsNames = [group] }, deadline, a => a.Results[0].ErrorCode);
                results.Add(new(group, Failure(answer.Results[0].ErrorCode, null)));
            }

            return results;
        },
        stop);

    /// <summary>Deletes positions of a group, in topics that none of its members subscribes to (KIP-496).</summary>
    /// <returns>What came of each, in order of the partitions.</returns>
    /// <exception cref="KafkaException">There is no such group, or the coordinator did not answer.</exception>
    public Task<IReadOnlyList<PartitionResult>> DeleteGroupOffsetsAsync(
        string groupId, IEnumerable<TopicPartition> partitions, CancellationToken stop = default) =>
        RunAsync<IReadOnlyList<PartitionResult>>(
            async deadline =>
            {
                var request = new OffsetDeleteRequest
                {
                    GroupId = groupId,
                    Topics =
                    [
                        .. partitions.GroupBy(p => p.Topic, StringComparer.Ordinal).Select(
                            topic => new OffsetDeleteRequest.OffsetDeleteRequestTopic
                            {
                                Name = topic.Key,
                                Partitions = [.. topic.Select(p => new OffsetDeleteRequest.OffsetDeleteRequestPartition
                                {
                                    PartitionIndex = p.Partition,
                                })],
                            }),
                    ],
                };
                var answer = await _core.Coordinators.CallAsync(groupId, request, deadline, a => a.ErrorCode);
                Check(answer.ErrorCode, $"group '{groupId}': {answer.ErrorCode.Meaning()}");
                return
                [
                    .. answer.Topics.SelectMany(t => t.Partitions.Select(p => new PartitionResult(
                        new(t.Name, p.PartitionIndex), Failure(p.ErrorCode, null)))).OrderBy(r => r.Partition),
                ];
            },
            stop);

    /// <summary>Takes members out of a classic group, static ones by their instance ids (KIP-345).</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="members">The members: an id, or an empty id and an instance id.</param>
    /// <param name="reason">Why, for the broker's log.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>What came of each, in order.</returns>
    /// <exception cref="KafkaException">There is no such group, or the coordinator did not answer.</exception>
    public Task<IReadOnlyList<RemovedMember>> RemoveMembersAsync(
        string groupId, IEnumerable<(string MemberId, string? InstanceId)> members, string? reason = null,
        CancellationToken stop = default) => RunAsync<IReadOnlyList<RemovedMember>>(
        async deadline =>
        {
            var request = new LeaveGroupRequest
            {
                GroupId = groupId,
                Members = [.. members.Select(m => new LeaveGroupRequest.MemberIdentity
                {
                    MemberId = m.MemberId, GroupInstanceId = m.InstanceId, Reason = reason,
                })],
            };
            var answer = await _core.Coordinators.CallAsync(groupId, request, deadline, a => a.ErrorCode);
            Check(answer.ErrorCode, $"group '{groupId}': {answer.ErrorCode.Meaning()}");
            return [.. answer.Members.Select(m => new RemovedMember(
                m.MemberId, m.GroupInstanceId, Failure(m.ErrorCode, null)))];
        },
        stop);

    /// <summary>While a group has members, its coordinator takes whoever commits from outside for a member that it does
    /// not know.</summary>
    private static KafkaException Meant(KafkaException fault) =>
        new(fault.Code == ErrorCode.UnknownMemberId ? ErrorCode.NonEmptyGroup : fault.Code)
        {
            MayHaveBeenApplied = fault.MayHaveBeenApplied,
        };
}
