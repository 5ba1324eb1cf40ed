using Barnabas.Client;

namespace Barnabas.Tests.Nemesis.Drivers;

/// <summary>What the managed client reads, piece by piece, without waiting for longer than a moment.</summary>
internal sealed class Pieces : IAsyncDisposable
{
    /// <summary>How to read so that who falls behind is given more at a time.</summary>
    public static readonly ReaderOptions Reading = new()
    {
        OffsetReset = OffsetReset.Earliest,
        MinBytes = 4 * 1024,
        MaxWait = TimeSpan.FromMilliseconds(300),
        PartitionMaxBytes = 32 * 1024,
        // What is fetched ahead comes as small as it came in.
        BufferMemory = 64 * 1024,
    };

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly IAsyncEnumerator<FetchedRecords> _pieces;
    private Task<bool>? _next;

    /// <summary>What comes of a reading that has not begun.</summary>
    public Pieces(Func<CancellationToken, IAsyncEnumerable<FetchedRecords>> read) =>
        _pieces = read(_stop.Token).GetAsyncEnumerator();

    /// <summary>The records of the next piece; none when it does not come within a moment.</summary>
    /// <exception cref="KafkaException">They cannot be read.</exception>
    public async Task<IReadOnlyList<Got>> NextAsync()
    {
        _next ??= _pieces.MoveNextAsync().AsTask();
        if (await Task.WhenAny(_next, Task.Delay(Moment)) != _next)
            return [];
        var isThere = await _next;
        _next = null;
        return isThere ? Read(_pieces.Current) : [];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            if (_next is not null)
                await _next;
        }
        catch (Exception ended) when (ended is OperationCanceledException or KafkaException)
        {
            // It was told to end, or had nothing more to say.
        }

        await _pieces.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>The records of a piece.</summary>
    public static List<Got> Read(FetchedRecords piece)
    {
        var got = new List<Got>();
        foreach (var record in piece)
            got.Add(new(piece.Partition, record.Offset.Value, Payload.Of(record.Value.Span)));
        return got;
    }
}
