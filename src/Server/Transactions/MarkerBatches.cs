using Barnabas.Base;
using Barnabas.Transactions;
using Barnabas.Wire.Messages;
using MarkedTopic = Barnabas.Wire.Messages.WriteTxnMarkersRequest.WritableTxnMarkerTopic;

namespace Barnabas.Server.Transactions;

/// <summary>Markers on their way to other brokers: what becomes due for one broker at the same moment, as the
/// partitions of a transaction do, goes in one request (KIP-98).</summary>
/// <remarks>From any lane.</remarks>
/// <param name="host">The machine.</param>
/// <param name="send">Sends a request to a broker; fails with an <see cref="IOException"/> where no answer
/// comes.</param>
internal sealed class MarkerBatches(
    Host host, Func<BrokerId, WriteTxnMarkersRequest, Task<WriteTxnMarkersResponse>> send)
{
    private readonly Lane _lane = host.Lanes.NewLane("markers");
    private readonly Dictionary<BrokerId, List<Waiting>> _due = [];

    /// <summary>Has a broker write a marker.</summary>
    /// <returns>What it answers; NETWORK_EXCEPTION where it does not.</returns>
    public Task<ErrorCode> WriteAsync(
        BrokerId leader, TransactionPartition partition, TransactionMarkerToWrite marker)
    {
        // Plain: awaiters come back to their own lanes.
        var waiting = new Waiting(partition, marker, new TaskCompletionSource<ErrorCode>());
        _lane.Post(() => Add(leader, waiting));
        return waiting.Answer.Task;
    }

    private void Add(BrokerId leader, Waiting waiting)
    {
        if (_due.TryGetValue(leader, out var others))
        {
            others.Add(waiting);
            return;
        }

        _due.Add(leader, [waiting]);
        // What waits for this lane already comes along.
        _lane.Post(async () => await SendAsync(leader));
    }

    private async Task SendAsync(BrokerId leader)
    {
        _due.Remove(leader, out var sent);
        try
        {
            var errors = ErrorsOf(await send(leader, RequestOf(sent!)));
            foreach (var (partition, marker, answer) in sent!)
            {
                answer.SetResult(errors.GetValueOrDefault(
                    (marker.ProducerId, partition.Topic, partition.Index), ErrorCode.UnknownServerError));
            }
        }
        catch (IOException)
        {
            foreach (var waiting in sent!)
                waiting.Answer.SetResult(ErrorCode.NetworkException);
        }
    }

    private static WriteTxnMarkersRequest RequestOf(List<Waiting> sent)
    {
        var request = new WriteTxnMarkersRequest();
        foreach (var ended in sent.GroupBy(static waiting => waiting.Marker))
        {
            var marker = ended.Key;
            request.Markers.Add(new()
            {
                ProducerId = new(marker.ProducerId),
                ProducerEpoch = marker.ProducerEpoch,
                CoordinatorEpoch = marker.CoordinatorEpoch,
                TransactionResult = marker.IsCommit,
                TransactionVersion = (sbyte)marker.TransactionVersion,
                Topics =
                [
                    .. ended.GroupBy(
                        static waiting => waiting.Partition.Topic, static waiting => waiting.Partition.Index,
                        static (topic, indexes) => new MarkedTopic { Name = topic, PartitionIndexes = [.. indexes] }),
                ],
            });
        }

        return request;
    }

    private static Dictionary<(long Producer, string Topic, int Index), ErrorCode> ErrorsOf(
        WriteTxnMarkersResponse response)
    {
        var errors = new Dictionary<(long, string, int), ErrorCode>();
        foreach (var marker in response.Markers)
        {
            foreach (var topic in marker.Topics)
            {
                foreach (var partition in topic.Partitions)
                    errors[(marker.ProducerId.Value, topic.Name, partition.PartitionIndex)] = partition.ErrorCode;
            }
        }

        return errors;
    }

    private readonly record struct Waiting(
        TransactionPartition Partition, TransactionMarkerToWrite Marker, TaskCompletionSource<ErrorCode> Answer);
}
