using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>Reads and writes the positions that a group's coordinator stores. Runs on the client's lane.</summary>
internal static class GroupOffsets
{
    /// <summary>The last version of both requests that names topics by name.</summary>
    private const short LastByName = 9;

    /// <summary>The first version of OffsetFetch that asks for several groups at once (KIP-709).</summary>
    private const short FirstWithGroups = 8;

    /// <summary>What a group has stored.</summary>
    /// <param name="core">The client.</param>
    /// <param name="group">The group.</param>
    /// <param name="partitions">Of which partitions; null for all there are.</param>
    /// <param name="isStable">Whether to wait for open transactions that may change it (KIP-447).</param>
    /// <param name="deadline">When to give up.</param>
    /// <returns>By partition; those without a position are left out.</returns>
    /// <exception cref="KafkaException">The coordinator refuses, or did not answer.</exception>
    public static async Task<Dictionary<TopicPartition, CommittedOffset>> FetchAsync(
        ClientCore core, string group, IReadOnlyCollection<TopicPartition>? partitions, bool isStable,
        Deadline deadline)
    {
        var request = new OffsetFetchRequest();
        var answer = await core.Coordinators.CallAsync(
            group, request, deadline, FirstError,
            new(version => Shape(request, version, (group, partitions, isStable)), LastByName));
        if (FirstError(answer) is var code && code != ErrorCode.None)
            throw new KafkaException(code, $"the offsets of group '{group}': {code.Meaning()}");
        var found = answer.Groups is [var one, ..]
            ? one.Topics.SelectMany(t => t.Partitions.Select(p => (
                new TopicPartition(t.Name, p.PartitionIndex),
                new CommittedOffset(p.CommittedOffset, p.CommittedLeaderEpoch, p.Metadata ?? ""))))
            : answer.Topics.SelectMany(t => t.Partitions.Select(p => (
                new TopicPartition(t.Name, p.PartitionIndex),
                new CommittedOffset(p.CommittedOffset, p.CommittedLeaderEpoch, p.Metadata ?? ""))));
        return found.Where(f => f.Item2.Offset.Value >= 0).ToDictionary(f => f.Item1, f => f.Item2);
    }

    /// <summary>Stores positions.</summary>
    /// <param name="core">The client.</param>
    /// <param name="group">The group.</param>
    /// <param name="member">Who stores them; nobody where a program keeps positions by itself.</param>
    /// <param name="offsets">By partition, the next offset to read.</param>
    /// <param name="deadline">When to give up.</param>
    /// <param name="isInDoubt">True where they may have been stored by an earlier request.</param>
    /// <returns>The partitions that were refused, and why. Where an earlier attempt may have been carried out, whatever
    /// came of later ones, the exception says so.</returns>
    /// <exception cref="KafkaException">The coordinator did not answer.</exception>
    public static async Task<Dictionary<TopicPartition, KafkaException>> CommitAsync(
        ClientCore core, string group, MemberIdentity member,
        IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset>> offsets, Deadline deadline,
        bool isInDoubt = false)
    {
        var request = new OffsetCommitRequest
        {
            GroupId = group,
            GenerationIdOrMemberEpoch = member.Generation,
            MemberId = member.MemberId,
            GroupInstanceId = member.InstanceId,
            Topics =
            [
                .. offsets.GroupBy(o => o.Key.Topic, StringComparer.Ordinal).Select(
                    topic => new OffsetCommitRequest.OffsetCommitRequestTopic
                    {
                        Name = topic.Key,
                        Partitions = [.. topic.Select(Partition)],
                    }),
            ],
        };
        try
        {
            var answer = await core.Coordinators.CallAsync(
                group, request, deadline, FirstRetriable, new(Last: LastByName),
                lost => isInDoubt |= lost.MayHaveBeenApplied);
            return (
                from topic in answer.Topics
                from partition in topic.Partitions
                where partition.ErrorCode != ErrorCode.None
                select (At: new TopicPartition(topic.Name, partition.PartitionIndex), Code: partition.ErrorCode))
                .ToDictionary(static p => p.At, p => new KafkaException(
                    p.Code, $"the offset of {p.At} was not committed: {p.Code.Meaning()}")
                {
                    MayHaveBeenApplied = isInDoubt || LeavesOpen(p.Code),
                });
        }
        catch (KafkaException fault) when (isInDoubt && !fault.MayHaveBeenApplied)
        {
            throw new KafkaException(fault.Code, fault.Reason, fault) { MayHaveBeenApplied = true };
        }

        ErrorCode FirstRetriable(OffsetCommitResponse told)
        {
            var code = told.Topics.SelectMany(static topic => topic.Partitions)
                .FirstOrDefault(static partition => partition.ErrorCode.IsRetriable())?.ErrorCode ?? ErrorCode.None;
            isInDoubt |= LeavesOpen(code);
            return code;
        }
    }

    /// <summary>True when a coordinator may answer so after it has written: it could not wait for its replicas, or has
    /// lost its office meanwhile.</summary>
    private static bool LeavesOpen(ErrorCode code) => code is ErrorCode.NotCoordinator
        or ErrorCode.CoordinatorNotAvailable or ErrorCode.RequestTimedOut or ErrorCode.UnknownServerError;

    private static OffsetCommitRequest.OffsetCommitRequestPartition Partition(
        KeyValuePair<TopicPartition, CommittedOffset> offset) => new()
        {
            PartitionIndex = offset.Key.Partition,
            CommittedOffset = offset.Value.Offset,
            CommittedLeaderEpoch = offset.Value.LeaderEpoch,
            CommittedMetadata = offset.Value.Metadata,
        };

    private static void Shape(
        OffsetFetchRequest request, short version,
        (string Group, IReadOnlyCollection<TopicPartition>? Partitions, bool IsStable) wish)
    {
        var topics = wish.Partitions?.Order().GroupBy(p => p.Topic, StringComparer.Ordinal)
            .Select(t => (Name: t.Key, Indexes: t.Select(p => p.Partition).ToList())).ToList();
        // What old brokers cannot promise they do not have: transactions that commit offsets came later.
        request.RequireStable = wish.IsStable && version >= 7;
        if (version < FirstWithGroups)
        {
            (request.GroupId, request.Groups) = (wish.Group, []);
            request.Topics = topics?.ConvertAll(t => new OffsetFetchRequest.OffsetFetchRequestTopic
            {
                Name = t.Name,
                PartitionIndexes = t.Indexes,
            });
            return;
        }

        (request.GroupId, request.Topics) = ("", []);
        request.Groups =
        [
            new OffsetFetchRequest.OffsetFetchRequestGroup
            {
                GroupId = wish.Group,
                Topics = topics?.ConvertAll(t => new OffsetFetchRequest.OffsetFetchRequestTopics
                {
                    Name = t.Name, PartitionIndexes = t.Indexes,
                }),
            },
        ];
    }

    private static ErrorCode FirstError(OffsetFetchResponse answer) => answer.Groups is [var one, ..]
        ? one.Topics.SelectMany(t => t.Partitions).Select(p => p.ErrorCode).Prepend(one.ErrorCode)
            .FirstOrDefault(c => c != ErrorCode.None)
        : answer.Topics.SelectMany(t => t.Partitions).Select(p => p.ErrorCode).Prepend(answer.ErrorCode)
            .FirstOrDefault(c => c != ErrorCode.None);
}
