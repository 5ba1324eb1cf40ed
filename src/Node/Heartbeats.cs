using System.Diagnostics.CodeAnalysis;
using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Replication;
using Barnabas.Wire.Messages;
using Microsoft.Extensions.Logging;

namespace Barnabas.Node;

/// <summary>Says to the controller, again and again, that this broker lives; it is let in by that, and out of the
/// cluster in good order (KIP-631).</summary>
/// <param name="host">The machine.</param>
/// <param name="membership">Takes the heartbeats to the controller.</param>
/// <param name="self">This broker.</param>
/// <param name="epoch">Its epoch.</param>
/// <param name="terms">How often.</param>
/// <param name="halt">Called when another process has registered under the same id.</param>
[SuppressMessage("Design", "CA1001", Justification = "Every pause ends with its disposal.")]
internal sealed partial class Heartbeats(
    Host host, Membership membership, BrokerId self, long epoch, MembershipConfig terms, Action<Exception> halt)
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(3);
    private readonly Lane _lane = host.Lanes.NewLane("heartbeats");
    private readonly ILogger _log = host.Log.CreateLogger<Heartbeats>();
    private readonly TaskCompletionSource _ended = new();
    private Waiter? _pause;
    private volatile bool _isFenced = true;
    private long _heard = host.Time.GetTimestamp();
    private bool _stops;

    /// <summary>The ids of log directories that have failed since the start; asked for at every heartbeat.</summary>
    public Func<IEnumerable<Uuid>> OfflineDirectories { get; init; } = static () => [];

    /// <summary>True where the controller may have given to others what is led here: it has said so, or it was not
    /// heard of for as long as it waits for a broker. From any lane.</summary>
    public bool MayBeFenced =>
        _isFenced || host.Time.GetElapsedTime(Volatile.Read(ref _heard)) >= terms.SessionTimeout;

    /// <summary>Beats until the broker is let in, then goes on by itself.</summary>
    /// <exception cref="IOException">Another process registered under the same id meanwhile.</exception>
    public Task BeginAsync() => _lane.RunAsync(async () =>
    {
        while (_isFenced)
        {
            var answer = await BeatAsync(wantsToStop: false);
            if (answer.ErrorCode == ErrorCode.StaleBrokerEpoch)
                throw new IOException($"the cluster does not let this node serve: {answer.ErrorCode.Meaning()}");
            if (_isFenced)
                await Task.Delay(Soon, host.Time);
        }

        GoOn();
    });

    /// <summary>Ends the heartbeats at once.</summary>
    public Task EndAsync() => _lane.RunAsync(StopAsync);

    /// <summary>Asks to be relieved of all that is led here, and completes when that is done; or when nobody answers
    /// any more, or it takes too long.</summary>
    public Task LeaveAsync() => _lane.RunAsync(async () =>
    {
        await StopAsync();
        var begun = host.Time.GetTimestamp();
        var heard = begun;
        while (host.Time.GetElapsedTime(begun) < LongestStop && host.Time.GetElapsedTime(heard) < LongestSilence)
        {
            var answer = await BeatAsync(wantsToStop: true);
            if (answer.ErrorCode == ErrorCode.None)
                heard = host.Time.GetTimestamp();
            if (answer.ShouldShutDown || answer.ErrorCode == ErrorCode.StaleBrokerEpoch)
                return;
            await Task.Delay(Soon, host.Time);
        }

        SayLeftAnyway(_log);
    });

    private async Task StopAsync()
    {
        _stops = true;
        _pause?.Wake();
        await _ended.Task;
    }

    private async void GoOn()
    {
        while (true)
        {
            using (_pause = new Waiter(host.Time, _isFenced ? Soon : terms.HeartbeatInterval))
                await _pause.Woken;
            if (_stops)
                break;
            var answer = await BeatAsync(wantsToStop: false);
            if (answer.ErrorCode != ErrorCode.StaleBrokerEpoch)
                continue;
            halt(new IOException($"another process registered as broker {self}, or it was unregistered"));
            break;
        }

        _ended.TrySetResult();
    }

    private async Task<BrokerHeartbeatResponse> BeatAsync(bool wantsToStop)
    {
        // The controller counts from when it hears this, which is later.
        var begun = host.Time.GetTimestamp();
        var answer = await membership.BeatAsync(new BrokerHeartbeatRequest
        {
            BrokerId = self,
            BrokerEpoch = epoch,
            WantShutDown = wantsToStop,
            OfflineLogDirs = [.. OfflineDirectories()],
        });
        if (answer.ErrorCode != ErrorCode.None)
            return answer;
        if (_isFenced != answer.IsFenced && !wantsToStop)
        {
            if (answer.IsFenced)
                SayFenced(_log);
            else
                SayUnfenced(_log);
        }

        _isFenced = answer.IsFenced;
        Volatile.Write(ref _heard, begun);
        return answer;
    }

    [LoggerMessage(LogLevel.Information, "The controller has let this broker in")]
    private static partial void SayUnfenced(ILogger log);

    [LoggerMessage(LogLevel.Warning, "The controller has fenced this broker")]
    private static partial void SayFenced(ILogger log);

    [LoggerMessage(LogLevel.Warning, "The controller did not take over what is led here; stopping all the same")]
    private static partial void SayLeftAnyway(ILogger log);
}
