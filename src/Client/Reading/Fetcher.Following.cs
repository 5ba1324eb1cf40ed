using Barnabas.Base;

namespace Barnabas.Client;

internal sealed partial class Fetcher
{
    /// <summary>Why the fetching has failed for good; null as long as it has not.</summary>
    public KafkaException? Failure =>
        _fetched.Reader.Completion is { IsFaulted: true } ended
            ? ended.Exception.InnerException as KafkaException
            : null;

    /// <summary>True when no more is fetched until the application has taken some of it.</summary>
    public bool IsFull => Interlocked.Read(ref _ahead) >= _options.BufferMemory;

    /// <summary>Reads a partition from here on. What was fetched for the position it had is not to be used any
    /// more.</summary>
    /// <param name="partition">The partition; its topic is known.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="isPaused">Whether to begin later.</param>
    /// <returns>The position it has now.</returns>
    public FetchPosition Place(TopicPartition partition, OffsetSpec start, bool isPaused)
    {
        var position = new FetchPosition(partition, start, _options.PartitionMaxBytes) { IsPaused = isPaused };
        if (start.Kind == OffsetSpecKind.Offset)
            position.Found(new Offset(start.Value));
        _positions[partition] = position;
        Wake();
        return position;
    }

    /// <summary>Reads a partition no more.</summary>
    public void Remove(TopicPartition partition) => _positions.Remove(partition);

    /// <summary>True when what was fetched for this position is still wanted.</summary>
    public bool IsCurrent(FetchPosition position) =>
        _positions.TryGetValue(position.Partition, out var current) && ReferenceEquals(current, position);

    /// <summary>Stops or goes on fetching a partition; what was fetched stays.</summary>
    public void SetPaused(FetchPosition position, bool isPaused)
    {
        position.IsPaused = isPaused;
        Wake();
    }
}
