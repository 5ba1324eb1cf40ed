using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.SimCluster;

/// <summary>Whom a request concerns.</summary>
internal enum RouteKind
{
    /// <summary>Any broker.</summary>
    Anybody,

    /// <summary>The leader of a partition.</summary>
    Leader,

    /// <summary>The coordinator of a group.</summary>
    Group,

    /// <summary>The coordinator of a transactional id.</summary>
    Transaction,
}

/// <summary>What a request concerns: a partition, a group or a transactional id.</summary>
internal readonly record struct RouteKey(RouteKind Kind, TopicId Topic, int Partition, string Name)
{
    private static readonly RouteKey Anybody = new(RouteKind.Anybody, default, 0, "");

    /// <summary>Whom a request concerns.</summary>
    public static RouteKey Of(object request) => request switch
    {
        ProduceRequest r => new(RouteKind.Leader, r.TopicData[0].TopicId, r.TopicData[0].PartitionData[0].Index, ""),
        FetchRequest r => new(RouteKind.Leader, r.Topics[0].TopicId, r.Topics[0].Partitions[0].Partition, ""),
        InitProducerIdRequest { TransactionalId: { } id } => new(RouteKind.Transaction, default, 0, id),
        EndTxnRequest r => new(RouteKind.Transaction, default, 0, r.TransactionalId),
        DescribeTransactionsRequest r => new(RouteKind.Transaction, default, 0, r.TransactionalIds[0]),
        JoinGroupRequest r => new(RouteKind.Group, default, 0, r.GroupId),
        SyncGroupRequest r => new(RouteKind.Group, default, 0, r.GroupId),
        HeartbeatRequest r => new(RouteKind.Group, default, 0, r.GroupId),
        LeaveGroupRequest r => new(RouteKind.Group, default, 0, r.GroupId),
        OffsetCommitRequest r => new(RouteKind.Group, default, 0, r.GroupId),
        OffsetFetchRequest r => new(RouteKind.Group, default, 0, r.Groups[0].GroupId),
        _ => Anybody,
    };

    /// <summary>The error of an answer that may say that it came from the wrong broker.</summary>
    public static ErrorCode ErrorOf(object answer) => answer switch
    {
        ProduceResponse r => r.Responses[0].PartitionResponses[0].ErrorCode,
        FetchResponse { ErrorCode: not ErrorCode.None } r => r.ErrorCode,
        FetchResponse { Responses: [{ Partitions: [var data] }] } => data.ErrorCode,
        InitProducerIdResponse r => r.ErrorCode,
        EndTxnResponse r => r.ErrorCode,
        DescribeTransactionsResponse r => r.TransactionStates[0].ErrorCode,
        JoinGroupResponse r => r.ErrorCode,
        SyncGroupResponse r => r.ErrorCode,
        HeartbeatResponse r => r.ErrorCode,
        LeaveGroupResponse r => r.ErrorCode,
        OffsetCommitResponse r => r.Topics[0].Partitions[0].ErrorCode,
        OffsetFetchResponse r => r.Groups[0].ErrorCode,
        _ => ErrorCode.None,
    };
}
