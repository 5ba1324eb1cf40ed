using System.Buffers;
using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Records;

namespace Barnabas.Replication;

/// <summary>Batches read from a log, to be appended to a copy of it.</summary>
internal sealed class LogChunk : IDisposable
{
    private readonly byte[] _buffer;

    private LogChunk(byte[] buffer, int length) => (_buffer, Bytes) = (buffer, length);

    /// <summary>How many bytes it has; 0 where there was nothing to read.</summary>
    public int Bytes { get; }

    /// <summary>Reads the batches from the one that holds <paramref name="from"/> on. Blocks.</summary>
    /// <param name="log">The log.</param>
    /// <param name="from">The offset to begin with, not below the log's start nor beyond its end.</param>
    /// <param name="maxBytes">So many bytes at most; more where the first batch has more.</param>
    /// <exception cref="IOException">The log cannot be read there: the disk refused, what is there is damaged, or the
    /// log was closed or cut meanwhile.</exception>
    public static LogChunk Read(LogView log, Offset from, int maxBytes)
    {
        var read = log.Read(from, log.End, maxBytes, atLeastOneBatch: true);
        if (read.Error != ErrorCode.None)
            throw new IOException($"offset {from} cannot be read: {read.Error.Meaning()}");
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(read.Bytes, 1));
        var length = 0;
        try
        {
            foreach (var slice in read.Slices)
            {
                if (slice.File.Read(slice.Position, buffer.AsSpan(length, slice.Length)) != slice.Length)
                    throw new IOException($"{slice.File.Path} ends before byte {slice.Position + slice.Length}");
                length += slice.Length;
            }

            return new LogChunk(buffer, length);
        }
        catch (IOException)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
        finally
        {
            read.Release();
        }
    }

    /// <summary>The batches as a copy appends them; null where there are some of an older format than v2.</summary>
    public IReadOnlyList<PendingBatch>? Batches()
    {
        var batches = new List<PendingBatch>();
        for (var at = 0; at < Bytes;)
        {
            if (_buffer[at + RecordBatch.MagicPosition] != 2)
                return null;
            var batch = new RecordBatch(_buffer.AsSpan(at, Bytes - at));
            batches.Add(new PendingBatch(
                _buffer.AsMemory(at, batch.Size), batch.LeaderEpoch, AppendOrigin.Replication));
            at += batch.Size;
        }

        return batches;
    }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);
}
