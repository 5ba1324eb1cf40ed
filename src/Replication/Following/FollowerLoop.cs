using System.Diagnostics.CodeAnalysis;
using Barnabas.Base;
using Barnabas.Wire.Messages;
using Microsoft.Extensions.Logging;

namespace Barnabas.Replication;

/// <summary>Follows the partitions that one other broker leads, or a share of them: it fetches again and again, and has
/// the partitions take what comes.</summary>
/// <remarks>A round is a fetch and what it brings; the next begins when all of it is appended, and on disk where a
/// topic asks for that, so that its offsets say what this replica has. Where each partition stands is asked of the
/// partition itself. The public members may be called from any lane; the state belongs to the loop's own.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "StopAsync ends with their disposal.")]
internal sealed partial class FollowerLoop
{
    private readonly FollowerTerms _terms;
    private readonly BrokerId _leader;
    private readonly Lane _lane;
    private readonly ILogger _log;
    private readonly HashSet<Partition> _partitions = [];
    private readonly Dictionary<Partition, long> _notBefore = [];
    private readonly HashSet<Partition> _syncing = [];
    private readonly Dictionary<(TopicId Topic, int Index), (Partition Partition, FetchPosition Position)> _asked = [];
    private readonly FollowerSession _session = new();
    private readonly LeaderConnection _connection;
    private readonly Task _done;
    private Waiter? _rest;
    private bool _isReachable = true;
    private bool _holdsBack;
    private bool _isStopped;

    /// <summary>A loop that follows nothing yet.</summary>
    /// <param name="terms">What loops work with.</param>
    /// <param name="leader">The broker it follows.</param>
    /// <param name="number">Which of the loops that follow that broker it is.</param>
    public FollowerLoop(FollowerTerms terms, BrokerId leader, int number)
    {
        (_terms, _leader) = (terms, leader);
        var name = $"broker-{terms.Self}-follows-{leader}-{number}";
        _connection = new LeaderConnection(terms, leader, name);
        _lane = terms.Host.Lanes.NewLane(name);
        _log = terms.Host.Log.CreateLogger<FollowerLoop>();
        _done = _lane.BeginAsync(RunAsync);
    }

    /// <summary>Follows one more partition, or goes on at once with one it follows.</summary>
    public void Add(Partition partition) => _lane.Post(() =>
    {
        _partitions.Add(partition);
        _notBefore.Remove(partition);
        _rest?.Wake();
    });

    /// <summary>Follows a partition no longer. What was asked for may still come.</summary>
    public void Remove(Partition partition) => _lane.Post(() =>
    {
        _partitions.Remove(partition);
        _notBefore.Remove(partition);
    });

    /// <summary>Ends the loop; when this completes nothing of it comes any more.</summary>
    public async Task StopAsync()
    {
        await _lane.RunAsync(async () =>
        {
            _isStopped = true;
            _rest?.Wake();
            await _connection.DisposeAsync();
        });
        await _done;
    }

    private async Task RunAsync()
    {
        while (!_isStopped)
        {
            Choose();
            if (_asked.Count == 0)
            {
                var next = UntilNext();
                var pause = _terms.Config().Backoff;
                await RestAsync(_holdsBack && pause < next ? pause : next);
                continue;
            }

            try
            {
                await RoundAsync();
                if (!_isReachable)
                    SayReachable(_log, _leader);
                _isReachable = true;
            }
            catch (IOException fault)
            {
                if (_isStopped)
                    break;
                if (_isReachable)
                    SayUnreachable(_log, _leader, fault.Message);
                (_isReachable, _session.IsLost) = (false, true);
                await RestAsync(_terms.Config().Backoff);
            }
        }
    }

    /// <summary>Picks the partitions that can be asked for now.</summary>
    private void Choose()
    {
        _asked.Clear();
        _holdsBack = false;
        var now = _terms.Host.Time.GetTimestamp();
        foreach (var partition in _partitions)
        {
            if (_notBefore.TryGetValue(partition, out var then) && then > now)
                continue;
            var view = partition.View;
            if (view.Leader != _leader || FetchPosition.Of(view) is not { } position)
                continue;
            if (view.HasToSync && !_terms.Host.Has(PlantedBug.FollowerNotFlushed))
                Sync(partition);
            else if (IsThrottled(view) && HasToWait(partition, view))
                _holdsBack = true;
            else
                _asked[(view.TopicId, view.Name.Partition)] = (partition, position);
        }
    }

    // What it takes from its leader is on disk before it asks again. Here it has more: what it wrote while it led
    // itself, or before its topic came to be durable by fsync.
    private async void Sync(Partition partition)
    {
        if (!_syncing.Add(partition))
            return;
        await partition.FlushAsync();
        // Posted, for who began this may not have come to rest yet.
        _lane.Post(() =>
        {
            _syncing.Remove(partition);
            _rest?.Wake();
        });
    }

    private bool IsThrottled(PartitionView view) =>
        view.Config.FollowerThrottledReplicas.Contains(view.Name.Partition, _terms.Self);

    // What is in sync, or may come to be at any moment, is no copy on its way: acknowledgements wait for it.
    private bool HasToWait(Partition partition, PartitionView view) =>
        _terms.Quota.IsExceeded && ((!partition.IsLevel && !view.Isr.Contains(_terms.Self))
            || _terms.Host.Has(PlantedBug.InSyncThrottled));

    private TimeSpan UntilNext()
    {
        if (_notBefore.Count == 0)
            return TimerSpan.Longest;
        var time = _terms.Host.Time;
        return time.GetElapsedTime(time.GetTimestamp(), _notBefore.Values.Min()).ForTimer();
    }

    private async Task RestAsync(TimeSpan rest)
    {
        using var waiter = new Waiter(_terms.Host.Time, rest.ForTimer());
        _rest = waiter;
        await waiter.Woken;
        _rest = null;
    }

    private async Task RoundAsync()
    {
        if (!await _connection.OpenAsync())
            _session.IsLost = true;
        var config = _terms.Config();
        var request = _session.Ask(_asked, config.PartitionBytes);
        request.ReplicaState = new() { ReplicaId = _terms.Self, ReplicaEpoch = _terms.BrokerEpoch() };
        request.MaxWaitMs = (int)config.Wait.TotalMilliseconds;
        (request.MinBytes, request.MaxBytes) = (config.MinBytes, config.AnswerBytes);
        using var answer = await _connection.FetchAsync(request);
        var response = answer.Message;
        switch (response.ErrorCode)
        {
            case ErrorCode.None:
                _session.Answered(response.SessionId);
                await TakeAsync(response);
                break;
            case ErrorCode.FetchSessionIdNotFound or ErrorCode.InvalidFetchSessionEpoch
                or ErrorCode.FetchSessionTopicIdError:
                _session.IsLost = true;
                break;
            default:
                throw new IOException(response.ErrorCode.Meaning());
        }
    }

    private async Task TakeAsync(FetchResponse response)
    {
        var taking = new List<(Partition Partition, FetchPosition Asked, Task<FollowOutcome> Outcome)>();
        foreach (var topic in response.Responses)
        {
            foreach (var given in topic.Partitions)
            {
                if (_asked.TryGetValue((topic.TopicId, given.PartitionIndex), out var asked))
                    taking.Add((asked.Partition, asked.Position, Take(asked.Partition, asked.Position, given)));
            }
        }

        foreach (var (partition, asked, outcome) in taking)
        {
            switch (await outcome)
            {
                case FollowOutcome.Refused:
                    LeaveAlone(partition);
                    break;
                case FollowOutcome.OutOfRange:
                    await FitAsync(partition, asked);
                    break;
            }
        }
    }

    private Task<FollowOutcome> Take(Partition partition, FetchPosition asked, FetchResponse.PartitionData given)
    {
        switch (given.ErrorCode)
        {
            case ErrorCode.None:
                if (IsThrottled(partition.View))
                    _terms.Quota.Took(given.Records?.Length ?? 0);
                return partition.TakeAsync(asked, given);
            case ErrorCode.OffsetOutOfRange:
                return Task.FromResult(FollowOutcome.OutOfRange);
            default:
                SayRefused(_log, partition.View.Name, _leader, given.ErrorCode);
                return Task.FromResult(FollowOutcome.Refused);
        }
    }

    private async Task FitAsync(Partition partition, FetchPosition asked)
    {
        var (error, start, end) = await _connection.BoundsAsync(partition.View.Name, asked.LeaderEpoch);
        if (error != ErrorCode.None || await partition.FitAsync(asked, start, end) == FollowOutcome.Refused)
            LeaveAlone(partition);
    }

    /// <summary>A partition that cannot go on now is not asked for until a while has passed, or the cluster has decided
    /// about it.</summary>
    private void LeaveAlone(Partition partition)
    {
        if (!_partitions.Contains(partition))
            return;
        var time = _terms.Host.Time;
        _notBefore[partition] =
            time.GetTimestamp() + (long)(_terms.Config().Backoff.TotalSeconds * time.TimestampFrequency);
    }

    [LoggerMessage(LogLevel.Warning, "Broker {Leader} cannot be followed for now: {Reason}")]
    private static partial void SayUnreachable(ILogger log, BrokerId leader, string reason);

    [LoggerMessage(LogLevel.Information, "Broker {Leader} is followed again")]
    private static partial void SayReachable(ILogger log, BrokerId leader);

    [LoggerMessage(LogLevel.Information, "{Partition} gets nothing from its leader {Leader} for now: {Error}")]
    private static partial void SayRefused(ILogger log, TopicPartition partition, BrokerId leader, ErrorCode error);
}
