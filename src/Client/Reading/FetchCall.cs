using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>Writes Fetch requests and reads their answers.</summary>
internal static class FetchCall
{
    /// <summary>The last version that names topics by name.</summary>
    private const short LastByName = 12;

    /// <summary>A request for the positions within a session.</summary>
    public static FetchRequest Request(
        ClientCore core, ReaderOptions options, FetchSession session, IEnumerable<FetchPosition> positions)
    {
        var view = core.Metadata.View;
        var request = new FetchRequest
        {
            MaxWaitMs = (int)options.MaxWait.TotalMilliseconds,
            MinBytes = options.MinBytes,
            MaxBytes = options.MaxBytes,
            IsolationLevel = (sbyte)options.Isolation,
            RackId = core.Options.Rack,
        };
        session.Fill(request, positions.ToDictionary(p => p.Partition, p => new FetchSession.Wish(
            view.Topic(p.Partition.Topic)?.Id ?? TopicId.None, p.Next,
            view.Partition(p.Partition)?.LeaderEpoch ?? LeaderEpoch.None, p.MaxBytes)));
        return request;
    }

    /// <summary>Sends it in the newest version that can carry it.</summary>
    /// <exception cref="KafkaException">There is none.</exception>
    public static Task<Leased<FetchResponse>> SendAsync(Peer peer, FetchRequest request, TimeSpan timeout)
    {
        var byName = request.Topics.Exists(t => t.TopicId == TopicId.None)
            || request.ForgottenTopicsData.Exists(t => t.TopicId == TopicId.None);
        return peer.TryChoose<FetchRequest>(out var version, last: byName ? LastByName : null)
            ? peer.SendLeasedAsync(request, version, timeout)
            : throw new KafkaException(ErrorCode.UnsupportedVersion, $"{peer.Remote} serves no Fetch that will do");
    }

    /// <summary>The bytes of records in an answer.</summary>
    public static int BytesOf(FetchResponse answer) =>
        answer.Responses.Sum(t => t.Partitions.Sum(p => p.Records?.Length ?? 0));

    /// <summary>The name of a topic in an answer; null where its id is not known here.</summary>
    public static string? NameOf(
        ClientCore core, FetchResponse.FetchableTopicResponse topic, FetchRequest request) =>
        topic.Topic.Length > 0
            ? topic.Topic
            : request.Topics.Find(t => t.TopicId == topic.TopicId)?.Topic
                ?? core.Metadata.View.Topic(topic.TopicId)?.Name;

    /// <summary>Takes in what an answer says about a leader (KIP-951).</summary>
    public static void Learn(
        ClientCore core, TopicPartition partition, FetchResponse.LeaderIdAndEpoch leader, FetchResponse answer)
    {
        var endpoint = answer.NodeEndpoints.Find(e => e.NodeId == leader.LeaderId);
        core.Metadata.Learn(
            partition, leader.LeaderId, leader.LeaderEpoch,
            endpoint is null ? null : new BrokerAddress(endpoint.NodeId, endpoint.Host, endpoint.Port, endpoint.Rack));
    }
}
