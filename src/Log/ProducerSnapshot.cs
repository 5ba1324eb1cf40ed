using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Log;

/// <summary>The form of <c>.snapshot</c> files: version 1, a CRC-32C, and 46 bytes for each producer.</summary>
internal static class ProducerSnapshot
{
    private const short Version = 1;
    private const int HeaderSize = 10;
    private const int EntrySize = 46;
    private const int ChecksummedFrom = 6;

    /// <summary>The bytes of a snapshot.</summary>
    public static byte[] Encode(IReadOnlyList<(ProducerId Id, ProducerState State)> producers)
    {
        var bytes = new byte[HeaderSize + (EntrySize * producers.Count)];
        BinaryPrimitives.WriteInt16BigEndian(bytes, Version);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(6), producers.Count);
        for (var i = 0; i < producers.Count; i++)
            Write(bytes.AsSpan(HeaderSize + (EntrySize * i)), producers[i].Id, producers[i].State);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(2), Crc32C.Compute(bytes.AsSpan(ChecksummedFrom)));
        return bytes;
    }

    /// <summary>The producers of a snapshot; null where the bytes are damaged.</summary>
    public static List<(ProducerId Id, ProducerState State)>? TryDecode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderSize || BinaryPrimitives.ReadInt16BigEndian(bytes) != Version)
            return null;
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]) != Crc32C.Compute(bytes[ChecksummedFrom..]))
            return null;
        var count = BinaryPrimitives.ReadInt32BigEndian(bytes[6..]);
        if (count < 0 || bytes.Length != HeaderSize + ((long)EntrySize * count))
            return null;
        var producers = new List<(ProducerId Id, ProducerState State)>(count);
        for (var i = 0; i < count; i++)
            producers.Add(Read(bytes[(HeaderSize + (EntrySize * i))..]));
        return producers;
    }

    private static void Write(Span<byte> entry, ProducerId id, in ProducerState state)
    {
        var last = state.Last ?? new BatchTrace(-1, -1, 0, state.LastTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(entry, id.Value);
        BinaryPrimitives.WriteInt16BigEndian(entry[8..], state.Epoch);
        BinaryPrimitives.WriteInt32BigEndian(entry[10..], last.LastSequence);
        BinaryPrimitives.WriteInt64BigEndian(entry[14..], last.LastOffset);
        BinaryPrimitives.WriteInt32BigEndian(entry[22..], last.OffsetDelta);
        BinaryPrimitives.WriteInt64BigEndian(entry[26..], state.LastTimestamp);
        BinaryPrimitives.WriteInt32BigEndian(entry[34..], state.CoordinatorEpoch);
        BinaryPrimitives.WriteInt64BigEndian(entry[38..], state.TransactionStart);
    }

    private static (ProducerId Id, ProducerState State) Read(ReadOnlySpan<byte> entry)
    {
        var state = ProducerState.New;
        state.Enter(BinaryPrimitives.ReadInt16BigEndian(entry[8..]));
        var timestamp = BinaryPrimitives.ReadInt64BigEndian(entry[26..]);
        var lastOffset = BinaryPrimitives.ReadInt64BigEndian(entry[14..]);
        if (lastOffset >= 0)
        {
            var sequence = BinaryPrimitives.ReadInt32BigEndian(entry[10..]);
            state.Add(new(sequence, lastOffset, BinaryPrimitives.ReadInt32BigEndian(entry[22..]), timestamp));
        }

        state.LastTimestamp = timestamp;
        state.CoordinatorEpoch = BinaryPrimitives.ReadInt32BigEndian(entry[34..]);
        state.TransactionStart = BinaryPrimitives.ReadInt64BigEndian(entry[38..]);
        return (new ProducerId(BinaryPrimitives.ReadInt64BigEndian(entry)), state);
    }
}
