using Barnabas.Base;
using Barnabas.Wire.Messages;
using Microsoft.Extensions.Logging;

namespace Barnabas.Client;

/// <summary>A member of a consumer group (KIP-848): it beats, and each answer may change what it shall have; what it
/// gives up the coordinator gives to others once a later beat tells so. Owned by the client's lane.</summary>
internal sealed partial class ConsumerMembership : IMembership
{
    private const int Joins = 0;
    private const int Leaves = -1;
    private const int StaysAway = -2;

    private readonly ClientCore _core;
    private readonly ConsumerOptions _options;
    private readonly GroupReading _reading;
    private readonly ConsumerBeat _beat;
    private readonly ILogger _log;
    private readonly LaneSignal _signal;
    private readonly Func<ErrorCode, bool>? _declined;
    private readonly int _use;
    private Task? _running;
    private IReadOnlyList<TopicPartition>? _target;
    private RebalanceStep? _revoking;
    private TimeSpan _interval;
    private long _lastBeat;
    private int _failures;
    private bool _isUrgent = true;
    private bool _leaves;

    /// <summary>A member that has not joined yet.</summary>
    /// <param name="core">The client.</param>
    /// <param name="options">How it reads.</param>
    /// <param name="reading">What it reads.</param>
    /// <param name="declined">Asked when the group will not have the member: true where another goes on in its place.
    /// Null for nobody.</param>
    public ConsumerMembership(
        ClientCore core, ConsumerOptions options, GroupReading reading, Func<ErrorCode, bool>? declined = null)
    {
        (_core, _options, _reading, _declined) = (core, options, reading, declined);
        _use = core.Connections.NewUse();
        _beat = new ConsumerBeat(core, options);
        _log = core.Host.Log.CreateLogger("Barnabas.Client.Groups");
        _signal = reading.Changed;
        _interval = options.HeartbeatInterval;
    }

    /// <inheritdoc/>
    public string MemberId => _beat.MemberId;

    /// <inheritdoc/>
    public void Start() => _running ??= RunAsync();

    /// <inheritdoc/>
    public async Task LeaveAsync()
    {
        _leaves = true;
        _signal.Set();
        var patience = Deadline.In(_core.Host.Time, _core.Options.RequestTimeout);
        while (_running is { IsCompleted: false } && !patience.IsOver)
            await _signal.WaitAsync(_core.Options.RetryBackoff);
        await SayGoodbyeAsync();
        await _core.Connections.CloseAsync(_use);
    }

    private async Task RunAsync()
    {
        try
        {
            while (!_leaves)
            {
                if (_reading.IsStuck)
                    await LeaveStuckAsync();
                Reconcile();
                var next = _isUrgent ? TimeSpan.Zero : _interval - _core.Host.Time.GetElapsedTime(_lastBeat);
                if (next > TimeSpan.Zero)
                    await _signal.WaitAsync(next);
                else if (!_leaves)
                    await BeatAsync();
            }
        }
        catch (KafkaException fault)
        {
            _beat.Forget();
            _reading.Member = MemberIdentity.None;
            if (_declined?.Invoke(fault.Code) != true)
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

    /// <summary>Takes a step towards what the member shall have: gives up what others wait for, and once the
    /// application is done with that takes what is new. The coordinator hears of it at once.</summary>
    private void Reconcile()
    {
        if (_target is not { } target || _revoking is { IsDone: false })
            return;
        var owned = _reading.Owned;
        if (owned.Except(target).ToList() is { Count: > 0 } revoked)
        {
            _revoking = _reading.Revoke(revoked);
            return;
        }

        (_target, _revoking) = (null, null);
        _reading.Assign([.. target.Except(owned)]);
        _isUrgent = !_beat.HasTold(_reading.Owned);
    }

    private async Task BeatAsync()
    {
        (_lastBeat, _isUrgent) = (_core.Host.Time.GetTimestamp(), false);
        var answer = await TryBeatAsync();
        switch (answer?.ErrorCode)
        {
            case ErrorCode.None:
                await TakeAsync(answer);
                break;
            case ErrorCode.UnknownMemberId or ErrorCode.FencedMemberEpoch:
                MembershipLog.Lost(_log, _options.GroupId, answer.ErrorCode.KafkaName());
                Lose();
                break;
            case null:
                await PauseAsync();
                break;
            case var code when code.Value.IsRetriable():
                _core.Coordinators.NoteError(_options.GroupId, code.Value);
                await PauseAsync();
                break;
            default:
                throw new KafkaException(
                    answer.ErrorCode,
                    $"group '{_options.GroupId}': {answer.ErrorMessage ?? answer.ErrorCode.Meaning()}")
                { IsFatal = true };
        }
    }

    /// <summary>Waits before the beat is tried again.</summary>
    private async Task PauseAsync()
    {
        await _signal.WaitAsync(_core.Backoff(_failures++));
        _isUrgent = true;
    }

    /// <summary>Beats once; null when no answer came.</summary>
    private async Task<ConsumerGroupHeartbeatResponse?> TryBeatAsync()
    {
        try
        {
            return await _beat.SendAsync(_use, _reading.Owned);
        }
        catch (IOException)
        {
            return null;
        }
        catch (KafkaException fault) when (fault.IsRetriable || fault is BrokersUnreachableException)
        {
            return null;
        }
    }

    private async Task TakeAsync(ConsumerGroupHeartbeatResponse answer)
    {
        _failures = 0;
        _interval = TimeSpan.FromMilliseconds(answer.HeartbeatIntervalMs);
        _reading.Member = new(_beat.MemberId, _beat.Epoch, _options.InstanceId);
        if (answer.Assignment is { } assignment)
        {
            _beat.Assigned(assignment);
            LogAssigned(_options.GroupId, _beat.Epoch, _beat.MemberId);
        }

        if (_beat.HasNews)
            _target = await _beat.ResolveAsync();
    }

    /// <summary>The application has not asked for records for so long that others shall have them; when it asks again,
    /// the member joins anew.</summary>
    private async Task LeaveStuckAsync()
    {
        MembershipLog.Stuck(_log, _options.GroupId, _options.MaxPollInterval);
        await SayGoodbyeAsync();
        Lose();
        while (_reading.IsStuck && !_leaves)
            await _signal.WaitAsync(_interval);
    }

    /// <summary>What the member had may be others' by now: it joins anew.</summary>
    private void Lose()
    {
        _beat.Forget();
        _reading.Lose();
        (_target, _revoking, _isUrgent) = (null, null, true);
    }

    private async Task SayGoodbyeAsync()
    {
        if (_beat.Epoch == Joins)
            return;
        try
        {
            await _beat.LeaveAsync(_use, _options.InstanceId is null ? Leaves : StaysAway);
        }
        catch (Exception fault) when (fault is IOException or KafkaException)
        {
            // The session timeout takes the member out all the same.
            MembershipLog.NotLeft(_log, _options.GroupId, fault.Message);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information, Message = "group '{Group}': in epoch {Epoch} as {Member}, with a new assignment")]
    private partial void LogAssigned(string group, int epoch, string member);
}
