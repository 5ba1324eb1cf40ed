using System.Runtime.CompilerServices;
using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Reads partitions without a group, as bytes: what was fetched is read in place. For one reading at a
/// time.</summary>
public sealed class RawReader : IAsyncDisposable
{
    private readonly ClientCore _core;
    private readonly Fetcher _fetcher;
    private bool _started;
    private bool _disposed;

    internal RawReader(
        ClientCore core, ReaderOptions options, IEnumerable<(TopicPartition Partition, OffsetSpec Start)> assigned) =>
        (_core, _fetcher) = (core, new Fetcher(core, options, assigned));

    /// <summary>The partitions' records as they come, each partition's in order. What is yielded is disposed when the
    /// next is asked for.</summary>
    /// <param name="until">Where to end, in every partition; null to go on for ever.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="KafkaException">A partition cannot be read.</exception>
    public async IAsyncEnumerable<FetchedRecords> ReadAllAsync(
        OffsetSpec? until = null, [EnumeratorCancellation] CancellationToken stop = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_started)
            throw new InvalidOperationException("a reader reads once");
        _started = true;
        await _core.Lane.RunAsync(() => _fetcher.StartAsync(until)).WaitAsync(stop);
        while (await _fetcher.Fetched.WaitToReadAsync(stop))
        {
            while (_fetcher.Fetched.TryRead(out var fetched))
            {
                using (fetched)
                    yield return fetched;
            }
        }
    }

    /// <summary>Stops fetching and closes the reader's connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await _core.Lane.RunAsync(() => _fetcher.DisposeAsync().AsTask());
    }
}
