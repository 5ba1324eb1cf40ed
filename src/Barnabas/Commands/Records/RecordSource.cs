using Barnabas.Records;

namespace Barnabas.Cli.Commands;

/// <summary>What records have unless their input says otherwise.</summary>
/// <param name="Key">The key; null for none.</param>
/// <param name="Headers">The headers.</param>
/// <param name="Partition">The partition; null to have it chosen.</param>
/// <param name="Tombstones">Whether an empty value is a null.</param>
internal sealed record RecordDefaults(byte[]? Key, RecordHeader[] Headers, int? Partition, bool Tombstones);

/// <summary>Reads records from a stream of bytes, block by block.</summary>
internal abstract class RecordSource(RecordDefaults defaults)
{
    private const int BlockSize = 1024 * 1024;

    /// <summary>What records have unless their input says otherwise.</summary>
    protected RecordDefaults Defaults { get; } = defaults;

    /// <summary>Reads until the stream ends, or the sink wants no more.</summary>
    /// <param name="input">The stream.</param>
    /// <param name="sink">Where records go.</param>
    /// <param name="progress">Told of the bytes that were read.</param>
    /// <param name="stop">Ends the reading.</param>
    public async Task RunAsync(Stream input, ProduceSink sink, ProgressBar progress, CancellationToken stop)
    {
        var buffer = new byte[BlockSize];
        var length = 0;
        for (var isLast = false; !isLast;)
        {
            if (length == buffer.Length)
                Array.Resize(ref buffer, checked(buffer.Length * 2));
            var read = await input.ReadAsync(buffer.AsMemory(length), stop).AsTask().WaitAsync(stop);
            isLast = read == 0;
            progress.Advance(read);
            length += read;
            var taken = 0;
            sink.NewBlock();
            while (true)
            {
                taken += Take(buffer.AsMemory(taken, length - taken), isLast, sink);
                if (!sink.IsFull)
                    break;
                await sink.WaitAsync(stop);
            }

            if (sink.IsDone)
                return;
            buffer.AsSpan(taken, length - taken).CopyTo(buffer);
            length -= taken;
        }

        if (length > 0)
        {
            throw new CliException(
                ExitCode.Failed, $"the input ends within a record, {length} bytes after its beginning");
        }
    }

    /// <summary>Takes whole records, until there are no more or the sink is full.</summary>
    /// <param name="bytes">What has been read and not taken.</param>
    /// <param name="isLast">True when nothing follows.</param>
    /// <param name="sink">Where they go.</param>
    /// <returns>The bytes taken.</returns>
    protected abstract int Take(ReadOnlyMemory<byte> bytes, bool isLast, ProduceSink sink);

    /// <summary>The value, or null where empty stands for null.</summary>
    protected NullableBytes Value(ReadOnlySpan<byte> value) =>
        value.IsEmpty && Defaults.Tombstones ? NullableBytes.Null : new NullableBytes(value);
}
