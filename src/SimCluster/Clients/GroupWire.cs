using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Wire.Messages;

namespace Barnabas.SimCluster;

/// <summary>The requests of a member of a classic group, for one topic.</summary>
/// <param name="requester">The member's way to the node.</param>
/// <param name="group">The group.</param>
/// <param name="topic">The topic.</param>
/// <param name="assignor">How partitions are shared out.</param>
/// <param name="writesNotes">True where every offset has a note of its own, which has to come back with it.</param>
internal sealed class GroupWire(
    IRequester requester, string group, HistoryTopic topic, IPartitionAssignor assignor, bool writesNotes = false)
{
    public const int SessionMs = 3_000;
    private const int RebalanceMs = 4_000;

    /// <summary>Joins, once.</summary>
    public Task<JoinGroupResponse?> JoinAsync(string member, string? instance) => requester.TryAskAsync(
        new JoinGroupRequest
        {
            GroupId = group,
            MemberId = member,
            GroupInstanceId = instance,
            SessionTimeoutMs = SessionMs,
            RebalanceTimeoutMs = RebalanceMs,
            ProtocolType = ConsumerProtocol.Type,
            Protocols =
            [
                new()
                {
                    Name = assignor.Name,
                    Metadata = ConsumerProtocol.Write(new MemberSubscription(member, instance, [topic.Name])),
                },
            ],
        });

    /// <summary>Asks for the member's share; the leader brings everybody's.</summary>
    public Task<SyncGroupResponse?> SyncAsync(JoinGroupResponse joined, string? instance) => requester.TryAskAsync(
        new SyncGroupRequest
        {
            GroupId = group,
            GenerationId = joined.GenerationId,
            MemberId = joined.MemberId,
            GroupInstanceId = instance,
            ProtocolType = joined.ProtocolType,
            ProtocolName = joined.ProtocolName,
            Assignments = joined.Leader == joined.MemberId && !joined.SkipAssignment ? Share(joined) : [],
        });

    /// <summary>Gives a sign of life; null when no answer came.</summary>
    public async Task<ErrorCode?> BeatAsync(string member, string? instance, int generation) =>
        (await requester.TryAskAsync(new HeartbeatRequest
        {
            GroupId = group,
            MemberId = member,
            GroupInstanceId = instance,
            GenerationId = generation,
        }))?.ErrorCode;

    /// <summary>Leaves.</summary>
    public Task<LeaveGroupResponse?> LeaveAsync(string member, string? instance) => requester.TryAskAsync(
        new LeaveGroupRequest
        {
            GroupId = group,
            Members = [new() { MemberId = member, GroupInstanceId = instance }],
        });

    /// <summary>Commits; null when no answer came.</summary>
    /// <returns>What became of each partition.</returns>
    public async Task<Dictionary<int, ErrorCode>?> CommitAsync(
        string member, string? instance, int generation, IEnumerable<KeyValuePair<int, long>> offsets)
    {
        var answer = await requester.TryAskAsync(new OffsetCommitRequest
        {
            GroupId = group,
            MemberId = member,
            GroupInstanceId = instance,
            GenerationIdOrMemberEpoch = generation,
            Topics =
            [
                new()
                {
                    Name = topic.Name,
                    TopicId = topic.Id,
                    Partitions =
                    [
                        .. offsets.Select(o => new OffsetCommitRequest.OffsetCommitRequestPartition
                        {
                            PartitionIndex = o.Key,
                            CommittedOffset = new Offset(o.Value),
                            CommittedMetadata = NoteOf(o.Value),
                        }),
                    ],
                },
            ],
        });
        return answer?.Topics[0].Partitions.ToDictionary(static p => p.PartitionIndex, static p => p.ErrorCode);
    }

    /// <summary>Deletes offsets; null when no answer came.</summary>
    public async Task<ErrorCode?> DeleteAsync(int partition)
    {
        var answer = await requester.TryAskAsync(new OffsetDeleteRequest
        {
            GroupId = group,
            Topics = [new() { Name = topic.Name, Partitions = [new() { PartitionIndex = partition }] }],
        });
        if (answer is null || answer.ErrorCode != ErrorCode.None)
            return answer?.ErrorCode;
        return answer.Topics[0].Partitions[0].ErrorCode;
    }

    /// <summary>Where the group stands, in all partitions; null when it cannot be told now.</summary>
    /// <returns>By partition; -1 where nothing is stored.</returns>
    public async Task<Dictionary<int, long>?> FetchAsync()
    {
        var answer = await requester.TryAskAsync(new OffsetFetchRequest
        {
            Groups =
            [
                new()
                {
                    GroupId = group,
                    Topics =
                    [
                        new()
                        {
                            Name = topic.Name,
                            TopicId = topic.Id,
                            PartitionIndexes = [.. Enumerable.Range(0, topic.Partitions.Count)],
                        },
                    ],
                },
            ],
        });
        if (answer?.Groups[0] is not { } found || found.ErrorCode != ErrorCode.None)
        {
            Promise.Holds(answer is null || IsElsewhere(answer.Groups[0].ErrorCode), $"OffsetFetch got {answer}");
            return null;
        }

        foreach (var partition in found.Topics[0].Partitions)
        {
            Promise.Holds(
                NoteOf(partition.CommittedOffset.Value) == (partition.Metadata ?? ""),
                $"G2: {group} stands at {partition.CommittedOffset} with the note '{partition.Metadata}'");
        }

        return found.Topics[0].Partitions.ToDictionary(
            static p => p.PartitionIndex, static p => p.CommittedOffset.Value);
    }

    /// <summary>Reads a partition once; null when no answer came.</summary>
    public async Task<FetchResponse.PartitionData?> ReadAsync(int partition, long offset)
    {
        var request = PlainRequests.Fetch(topic.Id, partition, offset, 2_000);
        request.MaxWaitMs = 50;
        var answer = await requester.TryAskAsync(request);
        return answer?.Responses is [{ Partitions: [var data] }] ? data : null;
    }

    /// <summary>True where the group cannot be asked now.</summary>
    public static bool IsElsewhere(ErrorCode code) => code is ErrorCode.NotCoordinator
        or ErrorCode.CoordinatorLoadInProgress or ErrorCode.CoordinatorNotAvailable;

    /// <summary>The partitions of a share.</summary>
    public static IEnumerable<int> PartitionsOf(ReadOnlyMemory<byte> assignment) =>
        ConsumerProtocol.ReadAssignment(assignment).Select(static p => p.Partition);

    private string NoteOf(long offset) => writesNotes && offset >= 0 ? $"up to {offset}" : "";

    private List<SyncGroupRequest.SyncGroupRequestAssignment> Share(JoinGroupResponse joined)
    {
        var members = joined.Members.ConvertAll(static m => ConsumerProtocol.ReadSubscription(
            m.MemberId, m.GroupInstanceId, m.Metadata));
        var counts = new Dictionary<string, int>(StringComparer.Ordinal) { [topic.Name] = topic.Partitions.Count };
        return
        [
            .. assignor.Assign(counts, members).Select(static share => new SyncGroupRequest.SyncGroupRequestAssignment
            {
                MemberId = share.Key,
                Assignment = ConsumerProtocol.Write(share.Value),
            }),
        ];
    }
}
