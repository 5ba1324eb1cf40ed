using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis.Fetch;

/// <summary>What one Fetch request asks for: on its own, or together with those before it in a session
/// (KIP-227).</summary>
internal abstract class FetchContext
{
    private const int FinalEpoch = -1;
    private const int InitialEpoch = 0;
    private const int FirstVersionWithIds = 13;

    /// <summary>The partitions asked for, those first in line first.</summary>
    public abstract IEnumerable<FetchPartition> InTurn { get; }

    /// <summary>The session; null without one.</summary>
    public virtual FetchSession? Session => null;

    /// <summary>True when no partition is asked for: then there is nothing to wait for.</summary>
    public abstract bool IsEmpty { get; }

    /// <summary>True for versions in which topics go by their ids (KIP-516).</summary>
    public static bool NamesById(short version) => version >= FirstVersionWithIds;

    /// <summary>Finds or begins the session a request belongs to.</summary>
    /// <returns>The context; or FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH,
    /// FETCH_SESSION_TOPIC_ID_ERROR.</returns>
    public static (FetchContext? Context, ErrorCode Error) Open(
        FetchSessionSlots slots, ConnectionContext connection, FetchRequest request, short version)
    {
        if (request.SessionEpoch is FinalEpoch or InitialEpoch)
        {
            if (request.SessionId != 0)
                connection.EndFetchSession(request.SessionId);
            var session = request.SessionEpoch == InitialEpoch
                ? connection.BeginFetchSession(slots, request, version)
                : null;
            return (session is null ? new Sessionless(request) : new InSession(session, isFirst: true), ErrorCode.None);
        }

        if (connection.FindFetchSession(request.SessionId) is not { } known)
            return (null, ErrorCode.FetchSessionIdNotFound);
        if (known.NextEpoch != request.SessionEpoch)
            return (null, ErrorCode.InvalidFetchSessionEpoch);
        if (known.NamesById != NamesById(version))
            return (null, ErrorCode.FetchSessionTopicIdError);
        known.Update(request);
        known.Advance();
        return (new InSession(known, isFirst: false), ErrorCode.None);
    }

    /// <summary>The answer, from what was read.</summary>
    public abstract FetchResponse Answer(FetchReader reader);

    /// <summary>The answer that gives nothing yet, for a client that has to wait (KIP-219).</summary>
    public abstract FetchResponse Throttled(ConnectionContext connection);

    /// <summary>Adds a partition's answer under its topic; neighbours of one topic share an entry.</summary>
    protected static void Add(FetchResponse response, FetchPartition asked, FetchResponse.PartitionData answer)
    {
        var topics = response.Responses;
        if (topics.Count == 0 || topics[^1].Topic != asked.Topic || topics[^1].TopicId != asked.TopicId)
            topics.Add(new() { Topic = asked.Topic, TopicId = asked.TopicId });
        topics[^1].Partitions.Add(answer);
    }

    private sealed class Sessionless(FetchRequest request) : FetchContext
    {
        private readonly List<FetchPartition> _partitions =
            [.. request.Topics.SelectMany(topic => topic.Partitions.Select(p => FetchPartition.Of(topic, p)))];

        public override IEnumerable<FetchPartition> InTurn => _partitions;

        public override bool IsEmpty => _partitions.Count == 0;

        public override FetchResponse Answer(FetchReader reader)
        {
            var response = new FetchResponse();
            foreach (var (asked, answer) in reader.Answers)
                Add(response, asked, answer);
            return response;
        }

        public override FetchResponse Throttled(ConnectionContext connection) => new();
    }

    private sealed class InSession(FetchSession session, bool isFirst) : FetchContext
    {
        public override IEnumerable<FetchPartition> InTurn => session.InTurn;

        public override bool IsEmpty => session.Count == 0;

        public override FetchSession? Session => session;

        public override FetchResponse Answer(FetchReader reader)
        {
            var response = new FetchResponse { SessionId = session.Id };
            foreach (var (asked, answer) in reader.Answers)
            {
                asked.Heard();
                if (!isFirst && (!asked.IsNews(answer) || reader.Planted == PlantedBug.SessionDropsRecords))
                    continue;
                Add(response, asked, answer);
                asked.Told(answer);
                if (answer.Records is { Length: > 0 })
                    session.Served(asked);
            }

            return response;
        }

        // A session begins with an answer of all its partitions: this one has not begun, and the client is told so.
        public override FetchResponse Throttled(ConnectionContext connection)
        {
            if (!isFirst)
                return new FetchResponse { SessionId = session.Id };
            connection.EndFetchSession(session.Id);
            return new FetchResponse();
        }
    }
}
