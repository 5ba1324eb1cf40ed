using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Log;

/// <summary>The form of <c>.snapshot</c> files: version 1, a CRC-32C, and entries of 46 bytes.</summary>
/// <remarks>An entry has room for one batch. Kafka writes one entry a producer, and so forgets all but its last batch:
/// a retry of an earlier one, still under way when the node stopped, is then out of order. Here a producer has an entry
/// for each batch remembered, the oldest first. Kafka reads such a file too: to it the last entry of a producer
/// counts.</remarks>
internal static class ProducerSnapshot
{
    private const short Version = 1;
    private const int HeaderSize = 10;
    private const int EntrySize = 46;
    private const int ChecksummedFrom = 6;

    /// <summary>The bytes of a snapshot.</summary>
    public static byte[] Encode(IReadOnlyList<(ProducerId Id, ProducerState State)> producers)
    {
        var count = producers.Sum(static producer => Math.Max(producer.State.Recent.Length, 1));
        var bytes = new byte[HeaderSize + (EntrySize * count)];
        BinaryPrimitives.WriteInt16BigEndian(bytes, Version);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(6), count);
        var entry = bytes.AsSpan(HeaderSize);
        foreach (var (id, state) in producers)
        {
            for (var i = 0; i < state.Recent.Length - 1; i++)
                entry = Write(entry, id, state, state.Recent[i]);
            var last = state.Last ?? new BatchTrace(-1, -1, 0, state.LastTimestamp);
            entry = Write(entry, id, state, last with { Timestamp = state.LastTimestamp });
        }

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
            Add(producers, bytes[(HeaderSize + (EntrySize * i))..]);
        return producers;
    }

    /// <summary>Writes an entry; returns what lies behind it.</summary>
    private static Span<byte> Write(
        Span<byte> entry, ProducerId id, scoped in ProducerState state, BatchTrace batch)
    {
        BinaryPrimitives.WriteInt64BigEndian(entry, id.Value);
        BinaryPrimitives.WriteInt16BigEndian(entry[8..], state.Epoch);
        BinaryPrimitives.WriteInt32BigEndian(entry[10..], batch.LastSequence);
        BinaryPrimitives.WriteInt64BigEndian(entry[14..], batch.LastOffset);
        BinaryPrimitives.WriteInt32BigEndian(entry[22..], batch.OffsetDelta);
        BinaryPrimitives.WriteInt64BigEndian(entry[26..], batch.Timestamp);
        BinaryPrimitives.WriteInt32BigEndian(entry[34..], state.CoordinatorEpoch);
        BinaryPrimitives.WriteInt64BigEndian(entry[38..], state.TransactionStart);
        return entry[EntrySize..];
    }

    /// <summary>Adds an entry's producer, or its batch to the producer of the entry before.</summary>
    private static void Add(List<(ProducerId Id, ProducerState State)> producers, ReadOnlySpan<byte> entry)
    {
        var id = new ProducerId(BinaryPrimitives.ReadInt64BigEndian(entry));
        var state = ProducerState.New;
        if (producers.Count > 0 && producers[^1].Id == id)
        {
            state = producers[^1].State;
            producers.RemoveAt(producers.Count - 1);
        }

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
        producers.Add((id, state));
    }
}
