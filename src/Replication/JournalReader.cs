using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Log;
using Barnabas.Records;
using Barnabas.Wire;

namespace Barnabas.Replication;

/// <summary>Reads a coordinator's partition from its start to its end, a stretch at a time. Blocks.</summary>
/// <typeparam name="TRecord">What stands there.</typeparam>
/// <param name="log">The log.</param>
/// <param name="bufferBytes">How much is read at a time; a batch that is larger is read alone.</param>
/// <param name="codec">What records look like.</param>
internal sealed class JournalReader<TRecord>(LogView log, int bufferBytes, IRecordCodec<TRecord> codec)
{
    private const int LargestBatchDecompressed = 1 << 30;

    /// <summary>Reads the stretch that begins at <paramref name="from"/>.</summary>
    /// <returns>What stands in its batches, and where the next stretch begins.</returns>
    /// <exception cref="IOException">The disk refused, or what stands there is no coordinator's.</exception>
    public (List<Committed<TRecord>> Batches, Offset Next) Read(Offset from)
    {
        var read = log.Read(from, log.End, bufferBytes, atLeastOneBatch: true);
        if (read.Error != ErrorCode.None)
            throw new IOException(read.Error.Meaning());
        try
        {
            var batches = new List<Committed<TRecord>>();
            foreach (var slice in read.Slices)
                Read(Bytes(slice), batches);
            return (batches, read.NextOffset);
        }
        catch (MalformedFrameException fault)
        {
            throw new IOException($"a record at offset {from} or after it is damaged: {fault.Message}", fault);
        }
        finally
        {
            read.Release();
        }
    }

    private static byte[] Bytes(FileSlice slice)
    {
        var bytes = new byte[slice.Length];
        for (var at = 0; at < bytes.Length;)
        {
            var count = slice.File.Read(slice.Position + at, bytes.AsSpan(at));
            at += count > 0 ? count : throw new IOException($"{slice.File.Path} ends early");
        }

        return bytes;
    }

    private void Read(ReadOnlySpan<byte> bytes, List<Committed<TRecord>> into)
    {
        while (bytes.Length >= RecordBatch.HeaderSize)
        {
            var batch = new RecordBatch(bytes);
            var size = batch.Size;
            if (size < RecordBatch.HeaderSize || size > bytes.Length)
                throw new IOException($"the batch at offset {batch.BaseOffset} is damaged");
            var records = RecordsOf(bytes[..size]);
            into.Add(new(batch.LastOffset.Value, batch.LeaderEpoch.Value, batch.MaxTimestamp, records));
            bytes = bytes[size..];
        }
    }

    private List<TRecord> RecordsOf(ReadOnlySpan<byte> batch)
    {
        var header = new RecordBatch(batch);
        RecordTransaction? transaction = header.Attributes.IsTransactional
            ? new(header.ProducerId, header.ProducerEpoch, header.Attributes.IsControl)
            : null;
        if (header.Attributes.IsControl && transaction is null)
            return [];
        if (BatchRecords.Open(batch, LargestBatchDecompressed, out var opened) != CodecOutcome.Done)
            throw new IOException($"the batch at offset {new RecordBatch(batch).BaseOffset} cannot be decompressed");
        using (opened)
        {
            var records = new List<TRecord>();
            var reader = opened.Read();
            while (reader.TryRead(out var record))
            {
                var key = record.Key.Span.ToArray();
                var isKnown = transaction is { } within
                    ? codec.TryRead(within, key, ValueOf(record), out var known)
                    : codec.TryRead(key, ValueOf(record), out known);
                if (isKnown)
                    records.Add(known);
            }

            return reader.Fault == RecordFault.None
                ? records
                : throw new IOException($"the batch at offset {new RecordBatch(batch).BaseOffset} is damaged");
        }
    }

    private static ReadOnlyMemory<byte>? ValueOf(in Record record)
    {
        // Not by the conditional operator, which would make an empty array of null.
        if (record.Value.IsNull)
            return null;
        return record.Value.Span.ToArray();
    }
}
