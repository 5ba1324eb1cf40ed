using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Client;

public sealed class FetchSessionTests
{
    private static readonly TopicId Old = new(new Uuid(1, 1));
    private static readonly TopicId New = new(new Uuid(1, 2));

    [Fact]
    public void The_first_request_is_full_and_later_ones_name_what_changed()
    {
        var session = new FetchSession();
        var first = Fill(session, Wish("a", 0, 0), Wish("a", 1, 0), Wish("b", 0, 0));
        Assert.Equal((0, 0), (first.SessionId, first.SessionEpoch));
        Assert.Equal(["a-0", "a-1", "b-0"], Named(first));
        Assert.True(session.Take(new FetchResponse { SessionId = 77 }));

        var second = Fill(session, Wish("a", 0, 5), Wish("a", 1, 0), Wish("b", 0, 0));
        Assert.Equal((77, 1), (second.SessionId, second.SessionEpoch));
        Assert.Equal(["a-0"], Named(second));
        Assert.Empty(second.ForgottenTopicsData);
        session.Take(new FetchResponse { SessionId = 77 });

        var third = Fill(session, Wish("a", 0, 5), Wish("b", 0, 0));
        Assert.Equal((77, 2), (third.SessionId, third.SessionEpoch));
        Assert.Empty(Named(third));
        Assert.Equal([1], Assert.Single(third.ForgottenTopicsData).Partitions);
    }

    [Fact]
    public void A_broker_without_room_for_a_session_gets_full_requests()
    {
        var session = new FetchSession();
        Fill(session, Wish("a", 0, 0));
        session.Take(new FetchResponse { SessionId = 0 });
        var next = Fill(session, Wish("a", 0, 0));
        Assert.Equal((0, 0), (next.SessionId, next.SessionEpoch));
        Assert.Equal(["a-0"], Named(next));
    }

    [Theory]
    [InlineData(ErrorCode.FetchSessionIdNotFound, 0)]
    [InlineData(ErrorCode.InvalidFetchSessionEpoch, 77)]
    [InlineData(ErrorCode.FetchSessionTopicIdError, 77)]
    public void A_refused_session_begins_anew(ErrorCode code, int id)
    {
        var session = new FetchSession();
        Fill(session, Wish("a", 0, 0));
        session.Take(new FetchResponse { SessionId = 77 });
        Fill(session, Wish("a", 0, 0));
        Assert.False(session.Take(new FetchResponse { ErrorCode = code }));
        var next = Fill(session, Wish("a", 0, 0));
        Assert.Equal((id, 0), (next.SessionId, next.SessionEpoch));
        Assert.Equal(["a-0"], Named(next));
    }

    [Fact]
    public void A_topic_made_anew_leaves_under_its_old_id_and_enters_under_the_new()
    {
        var session = new FetchSession();
        Fill(session, Wish("a", 0, 9));
        session.Take(new FetchResponse { SessionId = 77 });
        var next = Fill(session, (new("a", 0), new(New, new(0), new(0), 100)));
        Assert.Equal(New, Assert.Single(next.Topics).TopicId);
        Assert.Equal(Old, Assert.Single(next.ForgottenTopicsData).TopicId);
    }

    private static (TopicPartition, FetchSession.Wish) Wish(string topic, int partition, long offset) =>
        (new(topic, partition), new(Old, new Offset(offset), new LeaderEpoch(0), 100));

    private static FetchRequest Fill(FetchSession session, params (TopicPartition, FetchSession.Wish)[] wishes)
    {
        var request = new FetchRequest();
        session.Fill(request, wishes.ToDictionary(w => w.Item1, w => w.Item2));
        return request;
    }

    private static IEnumerable<string> Named(FetchRequest request) =>
        request.Topics.SelectMany(t => t.Partitions.Select(p => $"{t.Topic}-{p.Partition}")).Order();
}
