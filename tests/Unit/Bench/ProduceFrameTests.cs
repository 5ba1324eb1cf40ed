using Barnabas.Base;
using Barnabas.Bench;
using Barnabas.Records;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Bench;

public sealed class ProduceFrameTests
{
    private static readonly Target Partition = new(
        "orders", new TopicId(Uuid.FromBytes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])), 3, "h", 1,
        new Offset(0), new Offset(0));

    /// <summary>All versions.</summary>
    public static TheoryData<short> Versions =>
        [.. Enumerable.Range(ProduceRequest.FirstVersion, ProduceRequest.LastVersion - ProduceRequest.FirstVersion + 1)
            .Select(static version => (short)version)];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Only_correlation_id_and_partition_change_from_request_to_request(short version)
    {
        var (batch, records) = new BatchShape { RecordSize = 10, Records = 3 }.Make(5);
        Assert.Equal(3, records);
        var frame = new ProduceFrame(Partition, batch, -1, TimeSpan.FromSeconds(1), version);
        foreach (var (correlationId, partition) in ((int, int)[])[(1, 0), (77, 300), (-1, int.MaxValue)])
        {
            var reader = new WireReader(frame.For(correlationId, partition).ToArray().AsMemory(4));
            var header = RequestHeader.Read(ref reader, ProduceRequest.IsFlexible(version) ? (short)2 : (short)1);
            var request = ProduceRequest.Read(ref reader, version);
            reader.End();
            Assert.Equal((correlationId, version), (header.CorrelationId, header.RequestApiVersion));
            var sent = Assert.Single(Assert.Single(request.TopicData).PartitionData);
            Assert.Equal((partition, (short)-1), (sent.Index, request.Acks));
            Assert.Equal(batch, sent.Records!.Value.Memory.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void The_outcome_is_found_in_the_answer(short version)
    {
        var frame = new ProduceFrame(Partition, [1, 2, 3], 1, TimeSpan.FromSeconds(1), version);
        foreach (var code in (ErrorCode[])[ErrorCode.None, ErrorCode.NotLeaderOrFollower, ErrorCode.UnknownServerError])
            Assert.Equal(code, frame.Read(Answer(version, 9, code).AsSpan(4), 9));
    }

    [Fact]
    public void An_answer_to_another_request_is_none() => Assert.Throws<MalformedFrameException>(
        () => new ProduceFrame(Partition, [1], 1, TimeSpan.FromSeconds(1), 9)
            .Read(Answer(9, 8, ErrorCode.None).AsSpan(4), 9));

    [Theory]
    [InlineData(1024, null, 16 * 1024, 15)]
    [InlineData(100, null, 16 * 1024, 148)]
    [InlineData(1024, 1, 0, 1)]
    [InlineData(100_000, null, 16 * 1024, 1)]
    [InlineData(1024, null, 1 << 20, 1013)]
    public void A_batch_holds_what_was_asked_for(int recordSize, int? count, int batchSize, int records)
    {
        var shape = new BatchShape { RecordSize = recordSize, Records = count, BatchSize = batchSize };
        var (bytes, made) = shape.Make(5);
        Assert.InRange(made, records, records + 3);
        Assert.Equal(made, FetchedBytes.Check(bytes));
        Assert.True(made == 1 || bytes.Length <= batchSize);
    }

    [Fact]
    public void Batches_in_an_answer_are_counted_to_the_last_whole_one()
    {
        var (batch, _) = new BatchShape { RecordSize = 10, Records = 4 }.Make(5);
        var second = batch.ToArray();
        RecordBatch.Assign(second, new Offset(4), LeaderEpoch.None);
        byte[] bytes = [.. batch, .. second, .. batch[..70]];
        Assert.Equal((8L, 8L, 8L), (FetchedBytes.Count(bytes), FetchedBytes.Check(bytes), FetchedBytes.End(bytes)));
        bytes[80]++;
        Assert.Throws<MalformedFrameException>(() => FetchedBytes.Check(bytes));
    }

    private static byte[] Answer(short version, int correlationId, ErrorCode code) => RequestFrame.EncodeAnswer(
        new ProduceResponse
        {
            Responses =
            [
                new()
                {
                    Name = version < 13 ? Partition.Topic : "",
                    TopicId = version < 13 ? TopicId.None : Partition.TopicId,
                    PartitionResponses =
                    [
                        new() { Index = 3, ErrorCode = code, ErrorMessage = "why", BaseOffset = new Offset(-1) },
                    ],
                },
            ],
        },
        version, correlationId);
}
