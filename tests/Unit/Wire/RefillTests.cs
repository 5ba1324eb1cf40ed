using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Wire;

/// <summary>Messages that are read into objects which held others.</summary>
public sealed class RefillTests
{
    private static readonly string[] Names = ["", "orders", "Orders", "zwölf", "payments"];

    [Fact]
    public void Nothing_is_left_of_what_the_object_held() => Prop.ForAll(
        ArbMap.Default.ArbFor<int[]>(),
        static seeds =>
        {
            var refilled = new ProduceRequest();
            foreach (var seed in seeds)
            {
                var random = new Random(seed);
                var version = (short)random.Next(ProduceRequest.FirstVersion, ProduceRequest.LastVersion + 1);
                var bytes = Written(Make(random, version), version);
                var reader = new WireReader(bytes);
                refilled.Refill(ref reader, version);
                reader.End();
                Assert.Equal(bytes, Written(refilled, version));
                var fresh = new WireReader(bytes);
                var expected = ProduceRequest.Read(ref fresh, version);
                Assert.Equal(MessageText.Of(expected), MessageText.Of(refilled));
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Its_objects_and_texts_are_used_again()
    {
        var bytes = Written(Request("orders", "payments"), 9);
        var refilled = new ProduceRequest();
        var first = new WireReader(bytes);
        refilled.Refill(ref first, 9);
        var (topics, name) = (refilled.TopicData.ToArray(), refilled.TopicData[1].Name);
        var partition = refilled.TopicData[1].PartitionData[0];

        var second = new WireReader(bytes);
        refilled.Refill(ref second, 9);

        Assert.Equal(topics, refilled.TopicData);
        Assert.Same(name, refilled.TopicData[1].Name);
        Assert.Same(partition, refilled.TopicData[1].PartitionData[0]);
    }

    [Fact]
    public void What_cannot_be_read_fails_and_the_next_is_read_whole()
    {
        var bytes = Written(Request("orders", "payments"), 9);
        var refilled = new ProduceRequest();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<MalformedFrameException>(() =>
            {
                var cut = new WireReader(bytes.AsMemory(0, length));
                refilled.Refill(ref cut, 9);
            });
            var whole = new WireReader(bytes);
            refilled.Refill(ref whole, 9);
            Assert.Equal(bytes, Written(refilled, 9));
        }
    }

    private static ProduceRequest Request(params string[] topics) => new()
    {
        TransactionalId = null,
        Acks = -1,
        TimeoutMs = 1000,
        TopicData =
        [
            .. topics.Select(static name => new ProduceRequest.TopicProduceData
            {
                Name = name,
                PartitionData = [new() { Index = 3, Records = new RecordBytes(new byte[] { 1, 2, 3 }) }],
            }),
        ],
    };

    private static ProduceRequest Make(Random random, short version) => new()
    {
        TransactionalId = random.Next(2) == 0 ? null : Names[random.Next(Names.Length)],
        Acks = (short)random.Next(-1, 2),
        TimeoutMs = random.Next(),
        UnknownTags = Tags(random, version),
        TopicData = [.. Enumerable.Range(0, random.Next(4)).Select(_ => new ProduceRequest.TopicProduceData
        {
            Name = version < 13 ? Names[random.Next(Names.Length)] : "",
            TopicId = version < 13 ? default : new(new Uuid((ulong)random.NextInt64(), (ulong)random.NextInt64())),
            UnknownTags = Tags(random, version),
            PartitionData = [.. Enumerable.Range(0, random.Next(4)).Select(_ => new ProduceRequest.PartitionProduceData
            {
                Index = random.Next(),
                Records = random.Next(3) == 0 ? null : new RecordBytes(new byte[random.Next(20)]),
                UnknownTags = Tags(random, version),
            })],
        })],
    };

    private static UnknownTags Tags(Random random, short version) =>
        ProduceRequest.IsFlexible(version) && random.Next(3) == 0
            ? default(UnknownTags).With(random.Next(100, 200), new byte[random.Next(5)])
            : default;

    private static byte[] Written(ProduceRequest request, short version)
    {
        using var frame = new OutgoingFrame();
        frame.Write(request, version);
        return frame.ToArray();
    }
}
