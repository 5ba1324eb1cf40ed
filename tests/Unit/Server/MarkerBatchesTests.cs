using Barnabas.Base;
using Barnabas.Server.Transactions;
using Barnabas.Sim;
using Barnabas.Transactions;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Server;

/// <summary>Which markers go to other brokers in one request, and whose answer is whose.</summary>
public sealed class MarkerBatchesTests
{
    private static readonly BrokerId Two = new(2);
    private static readonly BrokerId Three = new(3);
    private readonly World _world = new(1);
    private readonly List<(BrokerId To, string What)> _sent = [];

    [Fact]
    public void What_is_due_at_a_moment_is_one_request_a_broker() => Tell(Answer, async markers =>
    {
        Task<ErrorCode>[] written =
        [
            markers.WriteAsync(Two, new("a", 0), Marker(7)), markers.WriteAsync(Three, new("a", 1), Marker(7)),
            markers.WriteAsync(Two, new("b", 0), Marker(7)), markers.WriteAsync(Two, new("a", 2), Marker(7)),
            markers.WriteAsync(Two, new("a", 0), Marker(8)),
        ];
        foreach (var one in written)
            Assert.Equal(ErrorCode.None, await one);
        Assert.Equal([(Two, "7 a 0,2 b 0 | 8 a 0"), (Three, "7 a 1")], _sent);

        Assert.Equal(ErrorCode.None, await markers.WriteAsync(Two, new("a", 0), Marker(9)));
        Assert.Equal((Two, "9 a 0"), _sent[^1]);
    });

    [Fact]
    public void Each_is_told_what_became_of_its_own() => Tell(
        request => Task.FromResult(Answers(request, marker => (marker.ProducerId.Value, marker.Topics[0].Name) switch
        {
            (7, "a") => ErrorCode.InvalidProducerEpoch,
            (8, _) => ErrorCode.NotLeaderOrFollower,
            _ => ErrorCode.None,
        })),
        async markers =>
        {
            var (first, second, third) = (
                markers.WriteAsync(Two, new("a", 0), Marker(7)), markers.WriteAsync(Two, new("a", 0), Marker(8)),
                markers.WriteAsync(Two, new("b", 3), Marker(9)));
            Assert.Equal(ErrorCode.InvalidProducerEpoch, await first);
            Assert.Equal(ErrorCode.NotLeaderOrFollower, await second);
            Assert.Equal(ErrorCode.None, await third);
        });

    [Fact]
    public void Without_an_answer_all_may_be_tried_again() => Tell(
        static _ => Task.FromException<WriteTxnMarkersResponse>(new IOException("gone")),
        async markers =>
        {
            var (first, second) = (
                markers.WriteAsync(Two, new("a", 0), Marker(7)), markers.WriteAsync(Two, new("a", 1), Marker(7)));
            Assert.Equal(ErrorCode.NetworkException, await first);
            Assert.Equal(ErrorCode.NetworkException, await second);
        });

    [Fact]
    public void An_answer_that_leaves_one_out_is_no_good_news_for_it() => Tell(
        static _ => Task.FromResult(new WriteTxnMarkersResponse()),
        async markers =>
            Assert.Equal(ErrorCode.UnknownServerError, await markers.WriteAsync(Two, new("a", 0), Marker(7))));

    private static TransactionMarkerToWrite Marker(long producer) => new(producer, 1, 4, IsCommit: true, 2);

    private static Task<WriteTxnMarkersResponse> Answer(WriteTxnMarkersRequest request) =>
        Task.FromResult(Answers(request, static _ => ErrorCode.None));

    private static WriteTxnMarkersResponse Answers(
        WriteTxnMarkersRequest request, Func<WriteTxnMarkersRequest.WritableTxnMarker, ErrorCode> error) => new()
        {
            Markers = request.Markers.ConvertAll(marker => new WriteTxnMarkersResponse.WritableTxnMarkerResult
            {
                ProducerId = marker.ProducerId,
                Topics = marker.Topics.ConvertAll(
                    topic => new WriteTxnMarkersResponse.WritableTxnMarkerTopicResult
                    {
                        Name = topic.Name,
                        Partitions = topic.PartitionIndexes.ConvertAll(
                            index => new WriteTxnMarkersResponse.WritableTxnMarkerPartitionResult
                            {
                                PartitionIndex = index,
                                ErrorCode = error(marker),
                            }),
                    }),
            }),
        };

    private static string TextOf(WriteTxnMarkersRequest request) => string.Join(
        " | ",
        request.Markers.Select(static marker => $"{marker.ProducerId.Value} " + string.Join(
            ' ', marker.Topics.Select(static topic => $"{topic.Name} {string.Join(',', topic.PartitionIndexes)}"))));

    private void Tell(
        Func<WriteTxnMarkersRequest, Task<WriteTxnMarkersResponse>> send, Func<MarkerBatches, Task> story) =>
        _world.Run(() => story(new MarkerBatches(_world.NewHost(new SimDisk(1, _world)), (to, request) =>
        {
            _sent.Add((to, TextOf(request)));
            return send(request);
        })));
}
