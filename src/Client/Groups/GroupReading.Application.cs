using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>What the application asks for; on the lane, and one call at a time.</summary>
internal sealed partial class GroupReading
{
    /// <summary>Takes back what the application holds, and gives it what is next.</summary>
    /// <param name="held">What it had; null for nothing.</param>
    /// <returns>A change to be told of, or a piece, which may be the one it had; neither when there is nothing
    /// yet.</returns>
    /// <exception cref="KafkaException">The reading has failed.</exception>
    public (RebalanceStep? Step, Piece? Piece) TryNext(Piece? held)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(RawConsumer));
        _wantsAttention = false;
        _lastAsked = _core.Host.Time.GetTimestamp();
        PutBack(held);
        if ((_failure ?? _fetcher.Failure) is { } failure)
            throw failure;
        if (_steps.TryPeek(out var step))
            return (step, null);
        if (_commitDue)
            _ = _core.Guard(CommitInBackgroundAsync());
        while (_fetcher.Fetched.TryRead(out var fetched))
            _ready.AddLast(new Piece(fetched));
        return (null, TakeReady());
    }

    /// <summary>Takes back what the application holds, as it goes away or pauses for long.</summary>
    public void PutBack(Piece? held)
    {
        if (held is null)
            return;
        if (!IsCurrent(held))
        {
            held.Dispose();
            return;
        }

        if (_owned.TryGetValue(held.Records.Partition, out var owned) && held.Handled != Offset.None)
            (owned.Handled, owned.Epoch) = (held.Handled, held.Epoch);
        if (held.IsFinished)
            held.Dispose();
        else
            _ready.AddFirst(held);
    }

    /// <summary>True when what the application holds is still its to go on with.</summary>
    public bool IsCurrent(Piece held) => _fetcher.IsCurrent(held.Records.Position);

    /// <summary>Waits until there may be something.</summary>
    public async Task WaitAsync()
    {
        if (_wantsAttention || _disposed || _fetcher.Fetched.TryPeek(out _) || _fetcher.Failure is not null)
            return;
        _waits = true;
        await _asked.WaitAsync(_options.MaxPollInterval / 2);
        _waits = false;
        _lastAsked = _core.Host.Time.GetTimestamp();
    }

    /// <summary>The application waits no more, without having been given anything.</summary>
    public void StopWaiting() => _asked.Set();

    /// <summary>Commits what is given up, before the application is told.</summary>
    public async Task PrepareAsync(RebalanceStep step)
    {
        if (step.Change.Kind != RebalanceKind.Revoked || !_options.AutoCommit)
            return;
        try
        {
            await CommitAsync(Handled(step.Change.Partitions), _core.ApiDeadline());
        }
        catch (KafkaException fault)
        {
            LogCommit(_options.GroupId, fault.Message);
        }
    }

    /// <summary>The application has been told of a change: it takes effect.</summary>
    public void Finish(RebalanceStep step)
    {
        if (_steps.TryPeek(out var first) && ReferenceEquals(first, step))
            _steps.Dequeue();
        foreach (var partition in step.Change.Partitions)
        {
            if (step.Change.Kind == RebalanceKind.Assigned)
            {
                if (!_owned.TryGetValue(partition, out var owned))
                    continue;
                owned.IsTold = true;
                Begin(partition, owned);
            }
            else if (step.Change.Kind == RebalanceKind.Revoked && _owned.Remove(partition))
            {
                _fetcher.Remove(partition);
            }
        }

        step.IsDone = true;
        if (_steps.Count > 0)
            _wantsAttention = true;
        Changed.Set();
    }

    /// <summary>Reads a partition on from elsewhere.</summary>
    /// <exception cref="InvalidOperationException">The member does not have it.</exception>
    public void Seek(TopicPartition partition, OffsetSpec place)
    {
        var owned = OwnedOrThrow(partition);
        // Who goes back means to have the place remembered from there.
        (owned.Start, owned.Committed) = (place, Offset.None);
        owned.Position = _fetcher.Place(partition, place, owned.IsPaused);
        (owned.Handled, owned.Origin, owned.Epoch) = (Offset.None, Offset.None, LeaderEpoch.None);
        Attend();
    }

    /// <summary>Withholds a partition's records, or gives them out again.</summary>
    /// <exception cref="InvalidOperationException">The member does not have it.</exception>
    public void SetPaused(IEnumerable<TopicPartition> partitions, bool isPaused)
    {
        foreach (var owned in partitions.Select(OwnedOrThrow).ToList())
        {
            owned.IsPaused = isPaused;
            if (owned.Position is { } position)
                _fetcher.SetPaused(position, isPaused);
        }

        Attend();
    }

    /// <summary>The partitions that are paused, in order.</summary>
    public IReadOnlyList<TopicPartition> Paused => [.. _owned.Where(o => o.Value.IsPaused).Select(o => o.Key).Order()];

    /// <summary>The next offset the application will handle; null as long as it is not known.</summary>
    /// <exception cref="InvalidOperationException">The member does not have the partition.</exception>
    public Offset? PositionOf(TopicPartition partition) =>
        OwnedOrThrow(partition).Next is { Value: >= 0 } next ? next : null;

    private OwnedPartition OwnedOrThrow(TopicPartition partition) => _owned.TryGetValue(partition, out var owned)
        ? owned
        : throw new InvalidOperationException($"{partition} is not assigned to this consumer");

    private Piece? TakeReady()
    {
        Piece? found = null;
        for (var node = _ready.First; node is not null && found is null;)
        {
            var (piece, next) = (node.Value, node.Next);
            if (!_fetcher.IsCurrent(piece.Records.Position))
            {
                piece.Dispose();
                _ready.Remove(node);
            }
            else if (!piece.Records.Position.IsPaused)
            {
                found = piece;
                _ready.Remove(node);
            }

            node = next;
        }

        if (found is null && _fetcher.IsFull)
            DropPaused();
        return found;
    }

    /// <summary>What is kept for paused partitions must not keep others from being fetched: it is fetched again when
    /// it is wanted.</summary>
    private void DropPaused()
    {
        foreach (var piece in _ready)
        {
            var partition = piece.Records.Partition;
            piece.Dispose();
            if (_fetcher.IsCurrent(piece.Records.Position) && _owned.TryGetValue(partition, out var owned))
            {
                var from = piece.Handled != Offset.None ? piece.Handled : piece.Records.From;
                owned.Origin = owned.Began;
                owned.Position = _fetcher.Place(partition, OffsetSpec.At(from), owned.IsPaused);
            }
        }

        _ready.Clear();
    }
}
