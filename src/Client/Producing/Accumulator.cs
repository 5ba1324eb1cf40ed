using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Client;

/// <summary>Takes records from the application's threads into the open batches of their partitions.</summary>
/// <remarks>Safe to use from any thread; the sender's side is marked.</remarks>
internal sealed class Accumulator(ClientCore core, ProducerOptions options, Action wake)
{
    private readonly IPartitioner _partitioner = options.Partitioner(new(core.Host.Random, options.BatchSize));
    private readonly BatchRules _rules = new(
        options.BatchSize, new(options.Compression, options.CompressionLevel), core.Host.Time, core.Host.Lanes, wake,
        options.TransactionalId is not null);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, TopicQueues> _topics = new(StringComparer.Ordinal);
    private List<PartitionQueue> _activated = [];
    private TopicQueues? _recent;
    private long _buffered;

    /// <summary>The bytes of records whose batches are still held.</summary>
    public long Buffered => Interlocked.Read(ref _buffered);

    /// <summary>Appends a record, if its topic is known and there is room for it.</summary>
    /// <param name="record">The record's whereabouts.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="headers">The headers.</param>
    /// <param name="ask">Where the fate of the record is to be told.</param>
    /// <param name="place">Where the record went.</param>
    /// <exception cref="KafkaException">The record can never be sent.</exception>
    public Admission TryAppend(
        in RecordTarget record, NullableBytes key, NullableBytes value, ReadOnlySpan<RecordHeader> headers,
        in FateRequest ask, out RecordPlace place)
    {
        place = default;
        if (QueuesOf(record.Topic) is not { } topic)
            return Admission.TopicUnknown;
        var size = Bound(key, value, headers);
        if (Interlocked.Add(ref _buffered, size) > options.BufferMemory && Buffered != size)
        {
            Interlocked.Add(ref _buffered, -size);
            return Admission.MemoryFull;
        }

        var index = record.Partition ?? _partitioner.Partition(topic.Topic, key, size);
        if ((uint)index >= (uint)topic.Count)
        {
            Interlocked.Add(ref _buffered, -size);
            throw new KafkaException(
                ErrorCode.UnknownTopicOrPartition,
                $"topic '{record.Topic}' has {topic.Count} partitions, none with index {index}");
        }

        var queue = topic.Queues[index];
        var appending = new Appending(_rules, size, record.Timestamp);
        bool wakes;
        lock (queue.Gate)
        {
            var (batch, filled) = queue.Append(appending, key, value, headers);
            wakes = filled || !queue.IsActive;
            place = new(queue.Partition, batch.Fate, batch.Count - 1, ask.WantsTask ? batch.Fate.Known : null);
            if (ask.Callback is { } callback)
                batch.Fate.Tell(callback, batch.Count - 1);
            else if (!ask.WantsTask)
                batch.Fate.Unobserved++;
            if (!queue.IsActive)
            {
                queue.IsActive = true;
                lock (_gate)
                    _activated.Add(queue);
            }
        }

        if (wakes)
            wake();
        return Admission.Taken;
    }

    /// <summary>The queues that have become active since the last call. The sender's side.</summary>
    public List<PartitionQueue> TakeActivated()
    {
        lock (_gate)
        {
            if (_activated.Count == 0)
                return [];
            var taken = _activated;
            _activated = [];
            return taken;
        }
    }

    /// <summary>Closes a partition's open batch. Under its gate.</summary>
    public void Close(PartitionQueue queue) => queue.CloseOpen(_rules);

    /// <summary>Closes a batch at once.</summary>
    public void CloseNow(ProducerBatch batch) => batch.CloseNow(_rules.Compression);

    /// <summary>A batch's memory is free again. The sender's side.</summary>
    public void Release(ProducerBatch batch)
    {
        Interlocked.Add(ref _buffered, -batch.Accounted);
        batch.Dispose();
    }

    private int Bound(NullableBytes key, NullableBytes value, ReadOnlySpan<RecordHeader> headers)
    {
        var size = BatchBuilder.LargestSizeOf(key, value, headers);
        return size <= options.MaxRequestSize
            || options.Compression != CompressionCodec.None && size <= int.MaxValue / 2
            ? (int)size
            : throw new KafkaException(
                ErrorCode.MessageTooLarge,
                $"a record of {size} bytes, and max.request.size is {options.MaxRequestSize}");
    }

    /// <summary>A topic as the metadata has it now, with its queues; null where it is not known.</summary>
    private TopicQueues? QueuesOf(string name)
    {
        var view = core.Metadata.View;
        // Most records go to the topic of the record before.
        if (Volatile.Read(ref _recent) is { } recent && recent.View == view && recent.Topic.Name == name)
            return recent;
        if (view.Topic(name) is not { Partitions.Count: > 0 } topic)
            return null;
        lock (_gate)
        {
            if (!_topics.TryGetValue(name, out var known) || known.View != view)
                _topics[name] = known = new(view, topic, Widened(known?.Queues ?? [], topic));
            Volatile.Write(ref _recent, known);
            return known;
        }
    }

    // Apart from its only use: what the lambda captures would be allocated for every record there.
    private static PartitionQueue[] Widened(PartitionQueue[] queues, TopicView topic)
    {
        if (queues.Length >= topic.Partitions.Count)
            return queues;
        var more = Enumerable.Range(queues.Length, topic.Partitions.Count - queues.Length)
            .Select(i => new PartitionQueue(new TopicPartition(topic.Name, i)));
        return [.. queues, .. more];
    }

    /// <summary>The queues of a topic, as a view of the metadata has it. More than it has partitions, where it was made
    /// anew with fewer.</summary>
    private sealed class TopicQueues(ClusterView view, TopicView topic, PartitionQueue[] queues)
    {
        public ClusterView View => view;

        public TopicView Topic => topic;

        public int Count { get; } = topic.Partitions.Count;

        public PartitionQueue[] Queues => queues;
    }
}

/// <summary>Whether a record was taken.</summary>
internal enum Admission
{
    /// <summary>It was.</summary>
    Taken,

    /// <summary>The topic's metadata must be fetched first.</summary>
    TopicUnknown,

    /// <summary>Records must be delivered first.</summary>
    MemoryFull,
}

/// <summary>Where a record is to go.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition; null to have it chosen.</param>
/// <param name="Timestamp">The timestamp, in ms since 1970.</param>
internal readonly record struct RecordTarget(string Topic, int? Partition, long Timestamp);

/// <summary>How the fate of a record is to be told.</summary>
/// <param name="WantsTask">True for a task.</param>
/// <param name="Callback">What is to be called; null for nothing.</param>
internal readonly record struct FateRequest(bool WantsTask, Action<DeliveryReport>? Callback);

/// <summary>Where a record went.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Fate">The fate of its batch.</param>
/// <param name="Index">Its place in the batch.</param>
/// <param name="Known">Completes with the fate, where that was asked for.</param>
internal readonly record struct RecordPlace(
    TopicPartition Partition, BatchFate Fate, int Index, Task<BatchFate>? Known);
