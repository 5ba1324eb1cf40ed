using Barnabas.Base;
using Barnabas.Replication;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Gives offsets by time: the first, the end, or the first record at or after a timestamp (KIP-33,
/// KIP-734).</summary>
public sealed class ListOffsetsApi(Broker broker) : IApiHandler<ListOffsetsRequest, ListOffsetsResponse>
{
    /// <summary>As in Kafka a replica id by which any replica tells of its own log, so that tools can compare
    /// them.</summary>
    private static readonly BrokerId DebuggingConsumer = new(-2);

    private const long Latest = -1;
    private const long Earliest = -2;
    private const long MaxTimestamp = -3;
    private const long EarliestLocal = -4;
    private const long LatestTiered = -5;
    private const long EarliestPendingUpload = -6;
    private const int FirstVersionWithEpochs = 4;
    private const int FirstVersionWithNotAvailable = 5;

    /// <inheritdoc/>
    public Pending<ListOffsetsResponse> Handle(RequestContext context, ListOffsetsRequest request) =>
        Pending<ListOffsetsResponse>.InOrder(AnswerAsync(context.Version, request));

    private async Task<ListOffsetsResponse?> AnswerAsync(short version, ListOffsetsRequest request)
    {
        var response = new ListOffsetsResponse();
        foreach (var topic in request.Topics)
        {
            var answer = new ListOffsetsResponse.ListOffsetsTopicResponse { Name = topic.Name };
            var twice = topic.Partitions.CountBy(p => p.PartitionIndex)
                .Where(p => p.Value > 1).Select(p => p.Key).ToHashSet();
            foreach (var asked in topic.Partitions)
            {
                var found = twice.Contains(asked.PartitionIndex)
                    ? Failed(asked, ErrorCode.InvalidRequest)
                    : await FindAsync(version, request, topic.Name, asked);
                if (version < FirstVersionWithEpochs)
                    found.LeaderEpoch = LeaderEpoch.None;
                answer.Partitions.Add(found);
            }

            response.Topics.Add(answer);
        }

        return response;
    }

    private async Task<ListOffsetsResponse.ListOffsetsPartitionResponse> FindAsync(
        short version, ListOffsetsRequest request, string topic, ListOffsetsRequest.ListOffsetsPartition asked)
    {
        if (asked.Timestamp < 0 && version < FirstVersionWith(asked.Timestamp))
            return Failed(asked, ErrorCode.UnsupportedVersion);
        var error = broker.Topics.Find(topic, TopicId.None, asked.PartitionIndex, out var partition);
        if (partition is null)
            return Failed(asked, error);
        var view = partition.View;
        error = request.ReplicaId == DebuggingConsumer
            ? view.CheckReplica(asked.CurrentLeaderEpoch)
            : view.CheckLeader(asked.CurrentLeaderEpoch);
        if (error != ErrorCode.None || view.Log is not { } log)
            return Failed(asked, error);

        var isClient = request.ReplicaId == BrokerId.None;
        var end = !isClient ? log.End
            : request.IsolationLevel == 1 ? view.LastStableOffset
            : view.HighWatermark;
        // Earlier leaders may have told clients of more than the watermark of this one has reached yet (KIP-207).
        var lags = isClient && view.HighWatermark < view.EpochStart;
        switch (asked.Timestamp)
        {
            case Latest when lags:
                return Failed(asked, NotAvailable(version));
            case Latest:
                return Found(asked, -1, end, view.LeaderEpoch);
            case Earliest or EarliestLocal:
                return Found(asked, -1, log.LogStart, log.Epochs.EpochOf(log.LogStart));
            case LatestTiered or EarliestPendingUpload:
                return Found(asked, -1, Offset.None, LeaderEpoch.None);
            default:
                var found = await SearchAsync(asked, view, end);
                return lags && found is { ErrorCode: ErrorCode.None, Offset.Value: < 0 }
                    ? Failed(asked, NotAvailable(version))
                    : found;
        }
    }

    private static ErrorCode NotAvailable(short version) =>
        version < FirstVersionWithNotAvailable ? ErrorCode.LeaderNotAvailable : ErrorCode.OffsetNotAvailable;

    /// <summary>Searching may read and unpack batches: it is done off the connection's lane.</summary>
    private async Task<ListOffsetsResponse.ListOffsetsPartitionResponse> SearchAsync(
        ListOffsetsRequest.ListOffsetsPartition asked, PartitionView view, Offset end)
    {
        try
        {
            var found = await broker.Host.Lanes.RunBlockingAsync(() => asked.Timestamp == MaxTimestamp
                ? view.Log!.MaxTimestamp()
                : view.Log!.FindByTimestamp(asked.Timestamp, end));
            return found is { } record && record.Offset < end
                ? Found(asked, record.Timestamp, record.Offset, record.Epoch)
                : Found(asked, -1, Offset.None, LeaderEpoch.None);
        }
        catch (IOException)
        {
            return Failed(asked, ErrorCode.KafkaStorageError);
        }
    }

    private static int FirstVersionWith(long timestamp) => timestamp switch
    {
        Latest or Earliest => 1,
        MaxTimestamp => 7,
        EarliestLocal => 8,
        LatestTiered => 9,
        EarliestPendingUpload => 11,
        _ => int.MaxValue,
    };

    private static ListOffsetsResponse.ListOffsetsPartitionResponse Found(
        ListOffsetsRequest.ListOffsetsPartition asked, long timestamp, Offset offset, LeaderEpoch epoch) => new()
        {
            PartitionIndex = asked.PartitionIndex,
            Timestamp = timestamp,
            Offset = offset,
            LeaderEpoch = epoch,
        };

    private static ListOffsetsResponse.ListOffsetsPartitionResponse Failed(
        ListOffsetsRequest.ListOffsetsPartition asked, ErrorCode error) => new()
        {
            PartitionIndex = asked.PartitionIndex,
            ErrorCode = error,
        };
}
