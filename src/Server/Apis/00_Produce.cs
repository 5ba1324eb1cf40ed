using Barnabas.Base;
using Barnabas.Replication;
using Barnabas.Server.Apis.Produce;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Appends record batches to partitions (KIP-98, KIP-467, KIP-516, KIP-951).</summary>
/// <remarks>Batches are judged on the connection's lane and go to each partition's lane in the order of the request.
/// The connection reads on at once: what comes after is appended after, while disks and replicas work. With batches of
/// a transaction it reads on when these have been verified, so that they keep their order too (KIP-890).</remarks>
public sealed class ProduceApi(Broker broker) : IApiHandler<ProduceRequest, ProduceResponse>
{
    private const short NoAcks = 0;
    private const short AllAcks = -1;
    private readonly BatchGate _gate = new(broker);
    private readonly HeldBatches _held = new(broker);

    /// <inheritdoc/>
    public Pending<ProduceResponse> Handle(RequestContext context, ProduceRequest request)
    {
        broker.Quotas.Produced(context);
        var parts = new List<ProducePart>(request.TopicData.Sum(static topic => topic.PartitionData.Count));
        foreach (var topic in request.TopicData)
        {
            foreach (var data in topic.PartitionData)
                parts.Add(Begin(new ProducePart(topic, data), context, request));
        }

        if (!parts.Exists(static part => part.Held is not null))
            return Pending<ProduceResponse>.Overlapping(AnswerAsync(context, request, parts));
        var appended = _held.AppendAsync(parts, request, context.Version, request.Acks == AllAcks);
        return new Pending<ProduceResponse>(appended, AnswerAfterAsync(appended, context, request, parts));
    }

    private async Task<ProduceResponse?> AnswerAfterAsync(
        Task appended, RequestContext context, ProduceRequest request, List<ProducePart> parts)
    {
        await appended;
        return await AnswerAsync(context, request, parts);
    }

    private ProducePart Begin(ProducePart part, RequestContext context, ProduceRequest request)
    {
        if (request.Acks is AllAcks or NoAcks or 1)
            _gate.Append(part, context, untilCommitted: request.Acks == AllAcks);
        else
            part.Refuse(ErrorCode.InvalidRequiredAcks, "acks must be -1, 0 or 1");
        return part;
    }

    private async Task<ProduceResponse?> AnswerAsync(
        RequestContext context, ProduceRequest request, List<ProducePart> parts)
    {
        // Most requests bring one batch.
        Task appended = parts.Count == 1 ? parts[0].Append : Task.WhenAll(parts.Select(part => part.Append));
        if (request.Acks == AllAcks && !appended.IsCompleted)
        {
            using var waiter = new Waiter(broker.Host.Time, TimeSpan.FromMilliseconds(Math.Max(request.TimeoutMs, 0)));
            await Task.WhenAny(appended, waiter.Woken);
            KeepFrameUntil(appended, context);
        }
        else
        {
            await appended;
        }

        if (request.Acks != NoAcks)
            return Assemble(parts, context);
        if (parts.Exists(part => part.Error != ErrorCode.None))
            context.Disconnect();
        return null;
    }

    // A batch that is still on its way to disk when the client's patience ends is read from the request's frame.
    private static void KeepFrameUntil(Task appended, RequestContext context)
    {
        if (appended.IsCompleted)
            return;
        context.Frame.Retain();
        appended.GetAwaiter().OnCompleted(context.Frame.Release);
    }

    private ProduceResponse Assemble(List<ProducePart> parts, RequestContext context)
    {
        var response = new ProduceResponse();
        ProduceRequest.TopicProduceData? topic = null;
        foreach (var part in parts)
        {
            if (!ReferenceEquals(part.Topic, topic))
            {
                topic = part.Topic;
                response.Responses.Add(new() { Name = topic.Name, TopicId = topic.TopicId });
            }

            response.Responses[^1].PartitionResponses.Add(part.Answer());
        }

        LeaderHints.AddTo(response, broker, context);
        return response;
    }
}
