using Barnabas.Replication;

namespace Barnabas.Server.Apis.Fetch;

/// <summary>A session's watch over one partition. It stays from poll to poll, until the partition moves.</summary>
/// <remarks>Whoever polls says first that it waits, and then looks what is watched; a partition that moves says first
/// that it is not watched any more, and looks then for who waits. Each way is fenced: one of the two sees the
/// other.</remarks>
/// <param name="partition">What is watched.</param>
/// <param name="poll">Who waits.</param>
internal sealed class PartitionWatch(Partition partition, SessionPoll poll) : Watcher
{
    private int _isSet;
    private volatile bool _isForgotten;

    /// <summary>What is watched.</summary>
    public Partition Partition => partition;

    /// <inheritdoc/>
    public override bool IsOver => _isForgotten || poll.IsOver;

    /// <summary>Sees to it that whoever polls is woken when the partition is no longer as it was
    /// <paramref name="seen"/>. Owned by the session's lane.</summary>
    /// <remarks>A watch set by an earlier poll is good for this one: either the partition has not moved since, or its
    /// word of that comes.</remarks>
    public void Set(PartitionView seen)
    {
        if (Interlocked.CompareExchange(ref _isSet, 1, 0) == 0)
            partition.Watch(this, seen);
    }

    /// <summary>The session has forgotten the partition, or found another in its place.</summary>
    public void Forget() => _isForgotten = true;

    /// <inheritdoc/>
    public override void Wake()
    {
        Interlocked.Exchange(ref _isSet, 0);
        if (!_isForgotten)
            poll.Wake();
    }
}
