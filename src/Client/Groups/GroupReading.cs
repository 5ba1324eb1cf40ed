using Barnabas.Base;
using Microsoft.Extensions.Logging;

namespace Barnabas.Client;

/// <summary>What a member of a group reads: the partitions it has, how far it has come, and what waits for the
/// application. Owned by the client's lane; between the membership, which gives and takes partitions, and the
/// application, which takes records.</summary>
/// <remarks>All that the application is to notice happens when it asks for the next record: it hands back what it is
/// done with, is told of changes, and gets the next piece. Nothing is taken from it while it handles a
/// record.</remarks>
internal sealed partial class GroupReading : IAsyncDisposable
{
    private readonly ClientCore _core;
    private readonly ConsumerOptions _options;
    private readonly Fetcher _fetcher;
    private readonly ITimer _timer;
    private readonly ILogger _log;
    private readonly LaneSignal _asked;
    private readonly Dictionary<TopicPartition, OwnedPartition> _owned = [];
    private readonly LinkedList<Piece> _ready = new();
    private readonly Queue<RebalanceStep> _steps = new();
    private KafkaException? _failure;
    private long _lastAsked;
    private bool _waits;
    private bool _commitDue;
    private bool _commits;
    private bool _disposed;
    private volatile bool _wantsAttention;

    public GroupReading(ClientCore core, ConsumerOptions options)
    {
        (_core, _options) = (core, options);
        _log = core.Host.Log.CreateLogger("Barnabas.Client.Groups");
        _asked = new LaneSignal(core.Host, core.Lane);
        _fetcher = new Fetcher(core, options.Reading, _asked.Set);
        _lastAsked = core.Host.Time.GetTimestamp();
        _timer = core.Host.Time.CreateTimer(
            static me => ((GroupReading)me!).CommitSoon(), this,
            options.AutoCommitInterval, options.AutoCommitInterval);
        Changed = new LaneSignal(core.Host, core.Lane);
    }

    /// <summary>Set when the application has done what the membership may wait for.</summary>
    public LaneSignal Changed { get; }

    /// <summary>Who commits; the membership says.</summary>
    public MemberIdentity Member { get; set; } = MemberIdentity.None;

    /// <summary>The partitions the member has, in order.</summary>
    public IReadOnlyList<TopicPartition> Owned => [.. _owned.Keys.Order()];

    /// <summary>True when the application should ask again before it takes the next record of its piece. Any
    /// thread.</summary>
    public bool WantsAttention => _wantsAttention;

    /// <summary>True when the application has not asked for anything for too long.</summary>
    public bool IsStuck
    {
        get
        {
            var silence = _core.Host.Time.GetElapsedTime(_lastAsked);
            if (_waits || silence <= _options.MaxPollInterval / 2)
                return false;
            // It may only be busy with a long piece: that it goes on to the next record will show.
            _wantsAttention = true;
            return silence > _options.MaxPollInterval;
        }
    }

    /// <summary>Gives the application partitions; where they begin is looked up in the meantime.</summary>
    public void Assign(IReadOnlyList<TopicPartition> partitions)
    {
        if (partitions.Count == 0)
            return;
        foreach (var partition in partitions)
            _owned[partition] = new OwnedPartition();
        Tell(new RebalanceStep(new(RebalanceKind.Assigned, [.. partitions.Order()])));
        _ = _core.Guard(FindStartsAsync([.. partitions.Select(p => (p, _owned[p]))]));
    }

    /// <summary>Takes partitions away, once the application has handled what it holds of them.</summary>
    public RebalanceStep Revoke(IReadOnlyList<TopicPartition> partitions)
    {
        var step = new RebalanceStep(new(RebalanceKind.Revoked, [.. partitions.Order()]));
        if (partitions.Count == 0)
            step.IsDone = true;
        else
            Tell(step);
        return step;
    }

    /// <summary>Takes all partitions away at once: others may have them by now.</summary>
    public void Lose()
    {
        foreach (var partition in _owned.Keys)
            _fetcher.Remove(partition);
        Member = MemberIdentity.None;
        foreach (var step in _steps.Where(s => s.Change.Kind == RebalanceKind.Revoked))
            step.Change = step.Change with { Kind = RebalanceKind.Lost };
        // What is already on its way to being revoked is told once.
        var leaving = _steps.Where(s => s.Change.Kind == RebalanceKind.Lost).SelectMany(s => s.Change.Partitions);
        var lost = _owned.Keys.Except(leaving).Order().ToList();
        _owned.Clear();
        if (lost.Count > 0)
            Tell(new RebalanceStep(new(RebalanceKind.Lost, lost)));
    }

    /// <summary>Ends the reading: the application is told why when it asks for more.</summary>
    public void Fail(KafkaException why)
    {
        _failure ??= why;
        Attend();
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _timer.DisposeAsync();
        await _fetcher.DisposeAsync();
        foreach (var piece in _ready)
            piece.Dispose();
        _ready.Clear();
        Attend();
    }

    private void Tell(RebalanceStep step)
    {
        _steps.Enqueue(step);
        Attend();
    }

    private void Attend()
    {
        _wantsAttention = true;
        _asked.Set();
    }

    /// <summary>Learns where partitions begin: at the position the group has stored, or where it begins without
    /// one.</summary>
    private async Task FindStartsAsync(IReadOnlyList<(TopicPartition Partition, OwnedPartition Owned)> fresh)
    {
        try
        {
            var stable = _options.Reading.Isolation == IsolationLevel.ReadCommitted;
            while (fresh.Any(IsOwned))
            {
                try
                {
                    var stored = await GroupOffsets.FetchAsync(
                        _core, _options.GroupId, [.. fresh.Select(f => f.Partition)], stable, _core.ApiDeadline());
                    await KnowTopicsAsync(fresh.Select(f => f.Partition.Topic).Distinct());
                    foreach (var (partition, owned) in fresh.Where(IsOwned))
                        Start(partition, owned, stored);
                    return;
                }
                catch (KafkaException fault) when (fault.IsRetriable || fault is BrokersUnreachableException)
                {
                    LogStarts(fault.Message);
                    await _core.DelayAsync(_core.Options.RetryBackoffMax);
                }
            }
        }
        catch (KafkaException fault)
        {
            Fail(fault);
        }
    }

    /// <summary>Has the topics in the metadata; one that is gone for now stays without records.</summary>
    private async Task KnowTopicsAsync(IEnumerable<string> topics)
    {
        foreach (var topic in topics)
        {
            try
            {
                await _core.Metadata.TopicAsync(topic, _core.ApiDeadline());
            }
            catch (KafkaException fault) when (fault.Code == ErrorCode.UnknownTopicOrPartition)
            {
                LogStarts(fault.Message);
            }
        }
    }

    private bool IsOwned((TopicPartition Partition, OwnedPartition Owned) fresh) =>
        !_disposed && _owned.TryGetValue(fresh.Partition, out var current) && ReferenceEquals(current, fresh.Owned);

    private void Start(
        TopicPartition partition, OwnedPartition owned, Dictionary<TopicPartition, CommittedOffset> stored)
    {
        if (owned.Start is not null || owned.Position is not null)
            return;
        if (stored.TryGetValue(partition, out var at))
        {
            (owned.Start, owned.Committed) = (OffsetSpec.At(at.Offset), at.Offset);
        }
        else
        {
            owned.Start = _options.Reading.OffsetReset switch
            {
                OffsetReset.Earliest => OffsetSpec.Earliest,
                OffsetReset.Latest => OffsetSpec.Latest,
                _ => throw new KafkaException(
                    ErrorCode.OffsetOutOfRange,
                    $"group '{_options.GroupId}' has no position in {partition}, and auto.offset.reset is none"),
            };
        }

        Begin(partition, owned);
    }

    /// <summary>Begins to fetch, once the application knows of the partition and the place is known.</summary>
    private void Begin(TopicPartition partition, OwnedPartition owned)
    {
        if (!owned.IsTold || owned.Start is not { } start || owned.Position is not null)
            return;
        owned.Position = _fetcher.Place(partition, start, owned.IsPaused);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "positions are not known yet: {Reason}")]
    private partial void LogStarts(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "group '{Group}': offsets were not committed: {Reason}")]
    private partial void LogCommit(string group, string reason);
}
