using Barnabas.Base;

namespace Barnabas.Client;

internal sealed partial class GroupReading
{
    /// <summary>Ends when the commit ends that was asked for last: one goes after the other, so that none that is sent
    /// again overtakes a newer one.</summary>
    private Task _lastCommit = Task.CompletedTask;

    /// <summary>The positions that have moved on since they were last committed. What the application has committed by
    /// itself is not taken back.</summary>
    /// <param name="partitions">Of these partitions; null for all.</param>
    public Dictionary<TopicPartition, CommittedOffset> Handled(
        IReadOnlyCollection<TopicPartition>? partitions = null) =>
        _owned.Where(o => partitions?.Contains(o.Key) != false)
            .Where(o => o.Value.Next.Value >= 0 && o.Value.Next > o.Value.Committed)
            .ToDictionary(o => o.Key, o => new CommittedOffset(o.Value.Next, o.Value.Epoch, ""));

    /// <summary>Commits positions.</summary>
    /// <exception cref="KafkaException">The coordinator refuses, or did not answer.</exception>
    public async Task CommitAsync(
        IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset>> offsets, Deadline deadline)
    {
        if (offsets.Count == 0)
            return;
        var done = new TaskCompletionSource();
        (var before, _lastCommit) = (_lastCommit, done.Task);
        try
        {
            await before;
            await CommitNextAsync(offsets, deadline);
        }
        finally
        {
            done.SetResult();
        }
    }

    private async Task CommitNextAsync(
        IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset>> offsets, Deadline deadline)
    {
        CheckMember(offsets.Select(o => o.Key));
        var refused = await TryCommitAsync(offsets, deadline);
        NoteCommitted(offsets.Where(o => !refused.ContainsKey(o.Key)));
        foreach (var (_, fault) in refused)
            throw fault;
    }

    /// <summary>Throws unless the member may commit positions of these partitions.</summary>
    /// <exception cref="KafkaException">It may not.</exception>
    public void CheckMember(IEnumerable<TopicPartition> partitions)
    {
        if (Member.Generation < 0)
            throw new KafkaException(ErrorCode.UnknownMemberId, "the consumer is not in its group at the moment");
        // They may have others' progress behind them, of which the application cannot know yet.
        if (partitions.Any(HasChangedHands))
        {
            throw new KafkaException(
                ErrorCode.RebalanceInProgress,
                "the application has not been told yet that its partitions have changed");
        }
    }

    /// <summary>Throws where partitions were lost of which the application does not know yet: positions behind what it
    /// read there are gone, and what it made of that must not be committed without them.</summary>
    /// <exception cref="KafkaException">It is so.</exception>
    public void CheckNothingLost()
    {
        if (_steps.Any(static step => step.Change.Kind == RebalanceKind.Lost))
        {
            throw new KafkaException(
                ErrorCode.RebalanceInProgress, "the application has not been told yet that partitions were lost");
        }
    }

    /// <summary>Positions are committed, by whichever way.</summary>
    public void NoteCommitted(IEnumerable<KeyValuePair<TopicPartition, CommittedOffset>> offsets)
    {
        foreach (var (partition, offset) in offsets)
        {
            if (_owned.TryGetValue(partition, out var owned))
                owned.Committed = offset.Offset;
        }
    }

    /// <summary>Reads all partitions on from where the group has committed them; where it has not, from where the
    /// member began, for the end may be elsewhere by now.</summary>
    /// <exception cref="KafkaException">The coordinator refuses, or did not answer.</exception>
    public async Task RewindAsync(Deadline deadline)
    {
        var partitions = _owned.Where(o => o.Value.Position is not null).ToDictionary(o => o.Key, o => o.Value);
        if (partitions.Count == 0)
            return;
        var stored = await GroupOffsets.FetchAsync(_core, _options.GroupId, partitions.Keys, isStable: true, deadline);
        foreach (var (partition, owned) in partitions)
        {
            if (!_owned.TryGetValue(partition, out var current) || !ReferenceEquals(current, owned))
                continue;
            var isStored = stored.TryGetValue(partition, out var at);
            var back = isStored ? at.Offset : owned.Began;
            if (back.Value < 0)
                continue;
            Seek(partition, OffsetSpec.At(back));
            owned.Committed = isStored ? back : Offset.None;
        }
    }

    /// <summary>Commits positions, again where the member's epoch has moved on while the commit was on its
    /// way.</summary>
    private async Task<Dictionary<TopicPartition, KafkaException>> TryCommitAsync(
        IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset>> offsets, Deadline deadline)
    {
        for (var isInDoubt = false; ;)
        {
            var member = Member;
            var refused = await GroupOffsets.CommitAsync(
                _core, _options.GroupId, member, offsets, deadline, isInDoubt);
            isInDoubt = refused.Values.Any(static fault => fault.MayHaveBeenApplied);
            if (!refused.Values.Any(static fault => fault.Code == ErrorCode.StaleMemberEpoch) || Member.Generation < 0
                || deadline.Left <= _core.Options.RetryBackoffMax)
            {
                return refused;
            }

            // The epoch comes with the answer to a heartbeat.
            if (Member == member)
                await _core.DelayAsync(_core.Options.RetryBackoff);
        }
    }

    private bool HasChangedHands(TopicPartition partition) =>
        (_owned.TryGetValue(partition, out var owned) && !owned.IsTold)
        || _steps.Any(s => s.Change.Kind == RebalanceKind.Lost && s.Change.Partitions.Contains(partition));

    /// <summary>Commits what the application is done with, for the last time.</summary>
    public async Task CommitLastAsync()
    {
        if (!_options.AutoCommit || Member.Generation < 0)
            return;
        try
        {
            await CommitAsync(Handled(), Deadline.In(_core.Host.Time, _core.Options.RequestTimeout));
        }
        catch (KafkaException fault)
        {
            LogCommit(_options.GroupId, fault.Message);
        }
    }

    private void CommitSoon()
    {
        if (!_options.AutoCommit)
            return;
        _core.Lane.Post(() =>
        {
            (_commitDue, _wantsAttention) = (true, true);
            // An application that waits has handed back all it had.
            if (_waits)
                _ = _core.Guard(CommitInBackgroundAsync());
        });
    }

    private async Task CommitInBackgroundAsync()
    {
        _commitDue = false;
        if (_commits || _disposed || Member.Generation < 0)
            return;
        _commits = true;
        try
        {
            await CommitAsync(Handled(), _core.ApiDeadline());
        }
        catch (KafkaException fault)
        {
            LogCommit(_options.GroupId, fault.Message);
        }
        finally
        {
            _commits = false;
        }
    }
}
