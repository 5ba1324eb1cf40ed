using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Tests.Unit.Client.Groups;

/// <summary>A member that reads until it is disposed.</summary>
internal sealed class Reading : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Consumer<string, string> _consumer;
    private readonly Task _reads;

    public Reading(Host host, KafkaClient client, ConsumerOptions options)
    {
        _consumer = client.CreateConsumer<string, string>(Noting(options, Changes));
        _reads = host.Lanes.NewLane("reading").RunAsync(ReadAsync);
    }

    public List<(TopicPartition, Offset)> Seen { get; } = [];

    public List<RebalanceChange> Changes { get; } = [];

    public IReadOnlyList<TopicPartition> Owned => [.. Changes.Aggregate(
        Enumerable.Empty<TopicPartition>(),
        (owned, change) => change.Kind == RebalanceKind.Assigned
            ? owned.Concat(change.Partitions)
            : owned.Except(change.Partitions))];

    public ValueTask DisposeAsync()
    {
        Stop();
        return EndAsync();
    }

    // At once: what cancels later does so on a thread that the simulated world does not know.
    private void Stop() => _stop.Cancel();

    private async ValueTask EndAsync()
    {
        await _reads;
        await _consumer.DisposeAsync();
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            await foreach (var record in _consumer.ReadAllAsync(_stop.Token))
                Seen.Add((record.Partition, record.Offset));
        }
        catch (OperationCanceledException)
        {
            // The story has seen enough.
        }
    }

    private static ConsumerOptions Noting(ConsumerOptions options, List<RebalanceChange> changes) => options with
    {
        Rebalanced = (change, _) =>
        {
            changes.Add(change);
            return Task.CompletedTask;
        },
    };
}
