using Barnabas.Base;
using Barnabas.Wire.Messages;
using Microsoft.Extensions.Logging;

namespace Barnabas.Client;

/// <summary>A member of a classic group: it joins, hears how partitions are shared out or shares them out itself, gives
/// signs of life, and joins again when the group rebalances. Owned by the client's lane.</summary>
internal sealed partial class ClassicMembership : IMembership
{
    /// <summary>The first version of LeaveGroup that names several members (KIP-345).</summary>
    private const short FirstWithMembers = 3;

    private readonly ClientCore _core;
    private readonly ConsumerOptions _options;
    private readonly GroupReading _reading;
    private readonly GroupJoin _join;
    private readonly ILogger _log;
    private readonly LaneSignal _signal;
    private readonly int _use;
    private readonly bool _isCooperative;
    private Task? _running;
    private long _lastBeat;
    private bool _rejoins;
    private bool _leaves;

    public ClassicMembership(ClientCore core, ConsumerOptions options, GroupReading reading)
    {
        (_core, _options, _reading) = (core, options, reading);
        _use = core.Connections.NewUse();
        _join = new GroupJoin(core, options, _use);
        _log = core.Host.Log.CreateLogger("Barnabas.Client.Groups");
        _signal = reading.Changed;
        _isCooperative = options.Assignors.All(a => a.IsCooperative);
    }

    /// <inheritdoc/>
    public string MemberId => _join.MemberId;

    /// <inheritdoc/>
    public void Start() => _running ??= RunAsync();

    /// <inheritdoc/>
    public async Task LeaveAsync()
    {
        _leaves = true;
        _signal.Set();
        if (_options.InstanceId is null)
            await LeaveGroupAsync("the consumer is being closed");
        // A join may be waiting for the others, or be on its way to: nothing comes of it any more.
        var patience = Deadline.In(_core.Host.Time, _core.Options.RequestTimeout);
        while (_running is { IsCompleted: false } && !patience.IsOver)
        {
            await _core.Connections.CloseAsync(_use);
            await _signal.WaitAsync(_core.Options.RetryBackoff);
        }

        await _core.Connections.CloseAsync(_use);
    }

    private async Task RunAsync()
    {
        try
        {
            while (!_leaves)
            {
                if (!_isCooperative)
                    await GiveUpAsync(_reading.Owned);
                _rejoins = false;
                if (!_leaves && await JoinAsync())
                    await StayAsync();
            }
        }
        catch (KafkaException fault)
        {
            _join.Forget(isMember: false);
            _reading.Member = MemberIdentity.None;
            _reading.Fail(fault);
        }
        catch (ObjectDisposedException)
        {
            // The client was closed before the consumer: nobody is left to read.
        }
        finally
        {
            _signal.Set();
        }
    }

    /// <summary>Joins once; false when that must be tried again.</summary>
    private async Task<bool> JoinAsync()
    {
        var outcome = await _join.RunAsync(_reading.Owned, () => _leaves);
        if (outcome.Assignment is not { } assignment)
        {
            if (outcome.IsLost)
                _reading.Lose();
            if (!_leaves)
                await _signal.WaitAsync(_core.Backoff(outcome.Failures));
            return false;
        }

        _lastBeat = _core.Host.Time.GetTimestamp();
        LogJoined(_options.GroupId, _join.Generation, _join.MemberId, assignment.Count);
        _reading.Member = new(_join.MemberId, _join.Generation, _options.InstanceId);
        await TakeAsync(assignment);
        return true;
    }

    private async Task TakeAsync(IReadOnlyList<TopicPartition> assignment)
    {
        var owned = _reading.Owned;
        var revoked = owned.Except(assignment).ToList();
        // Others wait for what is given up: whoever leads the group shares it out once this member joins again.
        _rejoins |= revoked.Count > 0;
        _reading.Assign([.. assignment.Except(owned)]);
        await GiveUpAsync(revoked);
    }

    /// <summary>Has the application give up partitions, and gives signs of life meanwhile.</summary>
    private async Task GiveUpAsync(IReadOnlyList<TopicPartition> partitions)
    {
        var step = _reading.Revoke(partitions);
        while (!step.IsDone && !_leaves)
        {
            await WaitAndBeatAsync();
            if (_reading.IsStuck)
                await LeaveStuckAsync();
        }
    }

    private async Task StayAsync()
    {
        while (!_leaves && !_rejoins)
        {
            await WaitAndBeatAsync();
            if (_reading.IsStuck && !_leaves)
                await LeaveStuckAsync();
            else if (await _join.HaveTopicsChangedAsync())
                _rejoins = true;
        }
    }

    private async Task WaitAndBeatAsync()
    {
        var next = _options.HeartbeatInterval - _core.Host.Time.GetElapsedTime(_lastBeat);
        if (next > TimeSpan.Zero)
        {
            await _signal.WaitAsync(next);
            return;
        }

        _lastBeat = _core.Host.Time.GetTimestamp();
        if (_join.Generation >= 0)
            await BeatAsync();
    }

    private async Task BeatAsync()
    {
        var request = new HeartbeatRequest
        {
            GroupId = _options.GroupId,
            GenerationId = _join.Generation,
            MemberId = _join.MemberId,
            GroupInstanceId = _options.InstanceId,
        };
        var code = await AskAsync(request);
        switch (code)
        {
            case ErrorCode.None:
                break;
            case ErrorCode.RebalanceInProgress:
                _rejoins = true;
                break;
            case ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration:
                MembershipLog.Lost(_log, _options.GroupId, code.KafkaName());
                _join.Forget(isMember: code == ErrorCode.IllegalGeneration);
                _reading.Lose();
                _rejoins = true;
                break;
            case var other when other.IsRetriable():
                _core.Coordinators.NoteError(_options.GroupId, other);
                break;
            default:
                throw new KafkaException(code, $"group '{_options.GroupId}': {code.Meaning()}") { IsFatal = true };
        }
    }

    private async Task<ErrorCode> AskAsync(HeartbeatRequest request)
    {
        try
        {
            var patience = _options.BeatTimeout(_core.Options.RequestTimeout);
            return (await _core.Coordinators.CallOnceAsync(_options.GroupId, _use, request, patience)).ErrorCode;
        }
        catch (IOException)
        {
            return ErrorCode.NetworkException;
        }
        catch (KafkaException fault) when (fault.IsRetriable || fault is BrokersUnreachableException)
        {
            return ErrorCode.CoordinatorNotAvailable;
        }
    }

    /// <summary>The application has not asked for records for so long that others shall have them; when it asks again,
    /// the member joins anew.</summary>
    private async Task LeaveStuckAsync()
    {
        MembershipLog.Stuck(_log, _options.GroupId, _options.MaxPollInterval);
        if (_options.InstanceId is null)
            await LeaveGroupAsync("the application has not asked for records within max.poll.interval.ms");
        _join.Forget(isMember: false);
        _reading.Lose();
        while (_reading.IsStuck && !_leaves)
            await _signal.WaitAsync(_options.HeartbeatInterval);
        _rejoins = true;
    }

    private async Task LeaveGroupAsync(string reason)
    {
        if (_join.MemberId.Length == 0)
            return;
        try
        {
            var request = new LeaveGroupRequest { GroupId = _options.GroupId };
            var member = _join.MemberId;
            await _core.Coordinators.CallAsync(
                _options.GroupId, request, Deadline.In(_core.Host.Time, _core.Options.RequestTimeout),
                a => a.ErrorCode,
                new(version =>
                {
                    request.MemberId = version < FirstWithMembers ? member : "";
                    request.Members = version < FirstWithMembers ? [] : [new() { MemberId = member, Reason = reason }];
                }));
        }
        catch (KafkaException fault)
        {
            // The session timeout takes the member out all the same.
            MembershipLog.NotLeft(_log, _options.GroupId, fault.Message);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "group '{Group}': in generation {Generation} as {Member}, with {Count} partitions")]
    private partial void LogJoined(string group, int generation, string member, int count);
}
