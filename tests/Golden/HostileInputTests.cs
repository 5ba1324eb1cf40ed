using System.Globalization;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Golden;

/// <summary>What a peer may send must end in a message or in <see cref="MalformedFrameException"/>, at a bounded cost.
/// </summary>
/// <remarks>BARNABAS_MUTATIONS sets how often each sample is damaged; the seed is the sample's line.</remarks>
public sealed class HostileInputTests
{
    /// <summary>What an exception and its stack trace may take.</summary>
    private const int ExceptionCost = 64 * 1024;

    private const int HeapPerByte = 64;

    private static readonly int Mutations =
        int.TryParse(Environment.GetEnvironmentVariable("BARNABAS_MUTATIONS"), CultureInfo.InvariantCulture, out var n)
            ? n
            : 200;

    private static readonly Lazy<ILookup<string, Vector>> Vectors = new(() =>
        VectorFile.ReadAll(Path.Combine(Repository.Vectors, "messages")).ToLookup(v => v.Schema));

    [Theory]
    [MemberData(nameof(MessageCodec.Names), MemberType = typeof(MessageCodec))]
    public void Damaged_bytes_are_refused_or_read_to_a_message_that_can_be_written(string schema)
    {
        var codec = MessageCodec.All[schema];
        var samples = Vectors.Value[schema].ToList();
        foreach (var sample in samples)
        {
            var random = new Random(sample.Line);
            for (var i = 0; i < Mutations; i++)
            {
                var other = samples[random.Next(samples.Count)].Bytes;
                var damaged = Mutation.Apply(random, sample.Bytes, other);
                if (Fault(codec, damaged, sample.Version) is { } fault)
                    Assert.Fail($"{sample}, mutation {i}: {fault}\n{Convert.ToHexStringLower(damaged)}");
            }
        }
    }

    [Fact]
    public void Every_cut_of_a_sample_is_refused()
    {
        // The last field of these messages is written in all versions, so that no prefix of one is another.
        foreach (var sample in Vectors.Value[nameof(ProduceRequest)].Concat(Vectors.Value[nameof(FetchResponse)]))
        {
            var codec = MessageCodec.All[sample.Schema];
            for (var length = 0; length < sample.Bytes.Length; length++)
            {
                Assert.Throws<MalformedFrameException>(() =>
                    codec.Read(sample.Bytes.AsMemory(0, length), sample.Version, out _));
            }
        }
    }

    [Fact]
    public void A_frame_of_many_tiny_structs_is_refused_before_it_fills_the_heap()
    {
        // Each resource takes four bytes and more than a hundred on the heap.
        const int Count = 4_000_000;
        var frame = new byte[5 + Count * 4 + 3];
        using (var head = new OutgoingFrame())
        {
            var w = new WireWriter(head);
            w.WriteArrayCount(Count, flexible: true);
            w.Flush();
            head.ToArray().CopyTo(frame, 0);
        }

        for (var at = 4; at < frame.Length - 4; at += 4)
            frame[at + 1] = frame[at + 2] = 1;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<MalformedFrameException>(() =>
            MessageCodec.All[nameof(DescribeConfigsRequest)].Read(frame, 4, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 17L * frame.Length + ExceptionCost);
    }

    [Fact]
    public void Many_unknown_tags_are_kept_in_linear_time_or_refused()
    {
        const int Count = 60_000;
        using var frame = new OutgoingFrame();
        var w = new WireWriter(frame);
        w.WriteUVarInt(Count);
        for (var tag = 0; tag < Count; tag++)
        {
            w.WriteUVarInt(tag);
            w.WriteUVarInt(0);
        }

        w.Flush();
        var bytes = frame.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(Fault(MessageCodec.All[nameof(NoOpRecord)], bytes, 0));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64L * bytes.Length + ExceptionCost);
    }

    /// <summary>What is wrong with the way a codec takes the bytes; null when nothing is.</summary>
    private static string? Fault(MessageCodec codec, byte[] bytes, short version)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        IMessage message;
        try
        {
            message = codec.Read(bytes, version, out _);
        }
        catch (MalformedFrameException)
        {
            return Excess(bytes, before);
        }

        if (Excess(bytes, before) is { } excess)
            return excess;
        var written = MessageCodec.Write(message, version);
        var again = MessageCodec.Write(codec.Read(written, version), version);
        return written.AsSpan().SequenceEqual(again) ? null : "what was read is not what was written";
    }

    private static string? Excess(byte[] bytes, long before)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated <= ExceptionCost + (long)HeapPerByte * bytes.Length ? null : $"{allocated} bytes allocated";
    }
}
