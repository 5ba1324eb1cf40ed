using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Groups;
using Barnabas.Groups.Offsets;
using Barnabas.Server.Transactions;
using Barnabas.Wire.Messages;
using RequestedPartition = Barnabas.Wire.Messages.TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition;
using TopicOutcome = Barnabas.Wire.Messages.TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic;

namespace Barnabas.Server.Apis;

/// <summary>Stores where a group stands as part of a transaction (KIP-98, KIP-320, KIP-447, KIP-890).</summary>
public sealed class TxnOffsetCommitApi(Broker broker) : IApiHandler<TxnOffsetCommitRequest, TxnOffsetCommitResponse>
{
    /// <inheritdoc/>
    public Pending<TxnOffsetCommitResponse> Handle(RequestContext context, TxnOffsetCommitRequest request) =>
        Pending<TxnOffsetCommitResponse>.InOrder(AnswerAsync(context, request));

    private async Task<TxnOffsetCommitResponse?> AnswerAsync(RequestContext context, TxnOffsetCommitRequest request)
    {
        var offsets = new List<KeyValuePair<TopicPartition, CommittedOffset>>();
        var response = new TxnOffsetCommitResponse();
        var rules = broker.Groups.Rules;
        foreach (var topic in request.Topics)
        {
            broker.Topics.FindTopic(topic.Name, TopicId.None, out var known);
            var outcome = new TopicOutcome { Name = topic.Name };
            response.Topics.Add(outcome);
            foreach (var partition in topic.Partitions)
            {
                var fault = Check(known, partition, rules);
                outcome.Partitions.Add(new() { PartitionIndex = partition.PartitionIndex, ErrorCode = fault });
                if (fault == ErrorCode.None)
                    offsets.Add(new(new(topic.Name, partition.PartitionIndex), Read(partition, rules)));
            }
        }

        if (offsets.Count == 0 && request.Topics.Count > 0)
            return response;
        var error = await CommitAsync(context.Version, request, offsets);
        foreach (var partition in response.Topics.SelectMany(topic => topic.Partitions))
        {
            if (partition.ErrorCode == ErrorCode.None)
                partition.ErrorCode = error;
        }

        return response;
    }

    private async Task<ErrorCode> CommitAsync(
        short version, TxnOffsetCommitRequest request,
        IReadOnlyList<KeyValuePair<TopicPartition, CommittedOffset>> offsets)
    {
        if (request.GroupId.Length == 0)
            return ErrorCode.InvalidGroupId;
        if (broker.Groups.Find(request.GroupId) is not { } shard)
            return ErrorCode.NotCoordinator;
        if (shard.Check() is not ErrorCode.None and var notReady)
            return notReady;
        broker.Topics.Find(TopicNames.ConsumerOffsets, TopicId.None, shard.Index, out var partition);
        if (partition is null)
            return ErrorCode.NotCoordinator;
        var who = new TransactionalProducer(
            request.TransactionalId, request.ProducerId, request.ProducerEpoch,
            TransactionSupports.OfOffsetCommit(version));
        var verified = (await broker.Verifier.VerifyAsync(who, [(partition, null)]))[0];
        if (verified.Error != ErrorCode.None)
            return Translate(verified.Error);
        var command = new CommitCommand(
            request.GroupId, request.MemberId, request.GroupInstanceId, request.GenerationId, version, offsets);
        return await broker.OffsetTransactions.CommitAsync(partition, command, who.Id, who.Epoch, verified.Guard);
    }

    // In words that clients expect of a group coordinator.
    private static ErrorCode Translate(ErrorCode error) => error switch
    {
        ErrorCode.NetworkException => ErrorCode.CoordinatorLoadInProgress,
        ErrorCode.UnknownTopicOrPartition or ErrorCode.NotEnoughReplicas or ErrorCode.RequestTimedOut =>
            ErrorCode.CoordinatorNotAvailable,
        ErrorCode.NotLeaderOrFollower or ErrorCode.KafkaStorageError => ErrorCode.NotCoordinator,
        _ => error,
    };

    private static ErrorCode Check(TopicState? topic, RequestedPartition partition, GroupRules rules)
    {
        if (topic is null || !topic.Partitions.ContainsKey(partition.PartitionIndex))
            return ErrorCode.UnknownTopicOrPartition;
        return (partition.CommittedMetadata?.Length ?? 0) > rules.Config.OffsetMetadataMaxBytes
            ? ErrorCode.OffsetMetadataTooLarge
            : ErrorCode.None;
    }

    private static CommittedOffset Read(RequestedPartition partition, GroupRules rules) => new(
        partition.CommittedOffset, partition.CommittedLeaderEpoch, partition.CommittedMetadata ?? "", rules.Now, -1);
}
