using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>What becomes of a batch, and who waits to hear it.</summary>
/// <remarks>Waiters are added under the partition's gate while the batch is open, or on the client's lane.</remarks>
internal sealed class BatchFate
{
    private TaskCompletionSource<BatchFate>? _known;
    private List<(Action<DeliveryReport> Tell, int Index)>? _callbacks;
    private BatchFate[]? _halves;
    private BatchFate? _parent;
    private int _split;
    private Offset _baseOffset = Offset.None;
    private long _appendTime = -1;

    /// <summary>Records that nobody waits for one by one: a failure of theirs is told by the next flush.</summary>
    public int Unobserved { get; set; }

    /// <summary>True when the fate is known.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>Why it failed; null when delivered, and as long as the fate is not known.</summary>
    public KafkaException? Failure { get; private set; }

    /// <summary>Completes with this object when the fate is known.</summary>
    public Task<BatchFate> Known
    {
        get
        {
            _known ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (IsKnown)
                _known.TrySetResult(this);
            return _known.Task;
        }
    }

    /// <summary>Calls <paramref name="tell"/> when the fate of the record at <paramref name="index"/> is
    /// known.</summary>
    public void Tell(Action<DeliveryReport> tell, int index) => (_callbacks ??= []).Add((tell, index));

    /// <summary>The fate of one record, once known.</summary>
    public DeliveryReport Report(TopicPartition partition, int index)
    {
        if (_halves is not null)
            return index < _split ? _halves[0].Report(partition, index) : _halves[1].Report(partition, index - _split);
        var offset = _baseOffset == Offset.None ? Offset.None : _baseOffset + index;
        return new(new RecordMetadata(partition, offset, _appendTime), Failure);
    }

    /// <summary>The batch is delivered.</summary>
    public void Delivered(TopicPartition partition, Offset baseOffset, long appendTime)
    {
        if (IsKnown)
            return;
        (_baseOffset, _appendTime) = (baseOffset, appendTime);
        Settle(partition);
    }

    /// <summary>The batch is given up.</summary>
    public void Failed(TopicPartition partition, KafkaException why)
    {
        if (IsKnown)
            return;
        Failure = why;
        Settle(partition);
    }

    /// <summary>Two fates that make up this one, the first of <paramref name="count"/> records.</summary>
    public (BatchFate First, BatchFate Second) Split(int count)
    {
        _split = count;
        _halves =
        [
            new BatchFate { _parent = this, Unobserved = Unobserved },
            new BatchFate { _parent = this, Unobserved = Unobserved },
        ];
        return (_halves[0], _halves[1]);
    }

    private void Settle(TopicPartition partition)
    {
        IsKnown = true;
        foreach (var (tell, index) in _callbacks ?? [])
            tell(Report(partition, index));
        _known?.TrySetResult(this);
        if (_parent?._halves is not { } halves || !halves.All(h => h.IsKnown))
            return;
        _parent.Failure = halves[0].Failure ?? halves[1].Failure;
        _parent.Settle(partition);
    }
}
