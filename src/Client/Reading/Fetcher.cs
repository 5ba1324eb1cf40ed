using System.Threading.Channels;
using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>Fetches a set of partitions ahead of the application. Owned by the client's lane.</summary>
/// <remarks>The set is fixed and has an end; or it follows: partitions come and go, and what may pass, such as a topic
/// that is gone, does not end it. One fetch a broker is under way at a time; the next one leaves as soon as its answer
/// is here, whether or not the application has read that, as long as what is read ahead stays within bounds.</remarks>
internal sealed partial class Fetcher : IAsyncDisposable
{
    private readonly ClientCore _core;
    private readonly ReaderOptions _options;
    private readonly int _use;
    private readonly Dictionary<TopicPartition, FetchPosition> _positions;
    private readonly Dictionary<BrokerId, FetchSession> _sessions = [];
    private readonly HashSet<BrokerId> _busy = [];
    private readonly Channel<FetchedRecords> _fetched = Channel.CreateUnbounded<FetchedRecords>();
    private readonly ITimer _timer;
    private readonly Action? _arrived;
    private long _ahead;
    private int _woken;
    private bool _looking;
    private bool _ended;

    public Fetcher(
        ClientCore core, ReaderOptions options, IEnumerable<(TopicPartition Partition, OffsetSpec Start)> assigned)
    {
        (_core, _options) = (core, options);
        _use = core.Connections.NewUse();
        _positions = assigned.ToDictionary(
            a => a.Partition, a => new FetchPosition(a.Partition, a.Start, options.PartitionMaxBytes));
        _timer = core.Host.Time.CreateTimer(
            static me => ((Fetcher)me!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        core.Metadata.Refreshed += Wake;
    }

    /// <summary>A fetcher that follows a set which is empty at first.</summary>
    /// <param name="core">The client.</param>
    /// <param name="options">How to fetch.</param>
    /// <param name="arrived">Told on the lane when something was fetched, or when the fetching has failed.</param>
    public Fetcher(ClientCore core, ReaderOptions options, Action arrived)
        : this(core, options, []) => _arrived = arrived;

    /// <summary>What has been fetched, in the order of each partition. Any thread.</summary>
    public ChannelReader<FetchedRecords> Fetched => _fetched.Reader;

    /// <summary>Begins to fetch, up to an end or for ever.</summary>
    /// <exception cref="KafkaException">The end cannot be looked up.</exception>
    public async Task StartAsync(OffsetSpec? until)
    {
        foreach (var topic in _positions.Keys.Select(p => p.Topic).Distinct())
            await _core.Metadata.TopicAsync(topic, _core.ApiDeadline());
        if (until is { } place)
        {
            var ends = await OffsetLookup.FindAsync(
                _core, [.. _positions.Keys.Select(p => (p, place))], _options.Isolation, _core.ApiDeadline());
            await FallBackToEndAsync(ends);
            foreach (var (partition, end) in ends)
                _positions[partition].End = end.Offset;
        }

        Wake();
    }

    /// <summary>Has the fetcher look for work soon. Any thread.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _woken, 1) == 0)
            _core.Lane.Post(static me => ((Fetcher)me!).Run(), this);
    }

    public async ValueTask DisposeAsync()
    {
        End(null);
        _core.Metadata.Refreshed -= Wake;
        await _timer.DisposeAsync();
        await _core.Connections.CloseAsync(_use);
        while (_fetched.Reader.TryRead(out var left))
            left.Dispose();
    }

    private void Run()
    {
        Volatile.Write(ref _woken, 0);
        if (_ended)
            return;
        if (_arrived is null && _positions.Values.All(p => p.IsDone))
        {
            End(null);
            return;
        }

        var now = _core.Host.Time.GetTimestamp();
        if (!_looking && _positions.Values.Any(p => IsLost(p, now)))
        {
            _looking = true;
            _ = GuardAsync(LookUpAsync());
        }

        if (Interlocked.Read(ref _ahead) < _options.BufferMemory)
            FetchAll(now);
        Arm(now);
    }

    private void FetchAll(long now)
    {
        var byBroker = new Dictionary<BrokerId, List<FetchPosition>>();
        foreach (var position in _positions.Values)
        {
            if (position.Next == Offset.None || position.IsDone || position.IsPaused || position.NotBefore > now)
                continue;
            var broker = BrokerOf(position, now);
            if (_core.Metadata.View.Broker(broker) is null)
            {
                position.Replica = (BrokerId.None, 0);
                _core.Metadata.Doubt();
                continue;
            }

            if (_busy.Contains(broker))
                continue;
            if (!byBroker.TryGetValue(broker, out var list))
                byBroker[broker] = list = [];
            list.Add(position);
        }

        foreach (var (broker, positions) in byBroker)
        {
            _busy.Add(broker);
            _ = GuardAsync(FetchAsync(broker, positions));
        }
    }

    private BrokerId BrokerOf(FetchPosition position, long now)
    {
        if (position.Replica.Broker != BrokerId.None && position.Replica.Until > now)
            return position.Replica.Broker;
        return _core.Metadata.View.Partition(position.Partition)?.Leader ?? BrokerId.None;
    }

    private async Task FetchAsync(BrokerId broker, List<FetchPosition> positions)
    {
        if (!_sessions.TryGetValue(broker, out var session))
            _sessions[broker] = session = new FetchSession();
        try
        {
            var peer = await _core.Connections.GetAsync(_core.Metadata.View.Broker(broker)!, _use);
            // Others may lead by now: with their epochs a broker that starts again, and lacks what they have, would
            // answer as their follower.
            var now = _core.Host.Time.GetTimestamp();
            positions.RemoveAll(position => position.Next == Offset.None || BrokerOf(position, now) != broker);
            if (positions.Count == 0)
                return;
            var request = FetchCall.Request(_core, _options, session, positions);
            var asked = positions.ToDictionary(static position => position, static position => position.Next);
            var leased = await FetchCall.SendAsync(peer, request, _core.Options.RequestTimeout + _options.MaxWait);
            var lease = new FetchLease(leased, FetchCall.BytesOf(leased.Message), Released);
            Interlocked.Add(ref _ahead, lease.Size);
            try
            {
                if (session.Take(leased.Message))
                    Take(leased.Message, request, asked, lease);
            }
            finally
            {
                lease.Release();
            }
        }
        catch (IOException)
        {
            session.Reset();
            _core.Metadata.Doubt();
            foreach (var position in positions)
            {
                // The leader will say whether a follower serves it.
                position.Replica = (BrokerId.None, 0);
                Pause(position);
            }
        }
        finally
        {
            _busy.Remove(broker);
            Wake();
        }
    }

    private void Take(
        FetchResponse answer, FetchRequest request, Dictionary<FetchPosition, Offset> asked, FetchLease lease)
    {
        foreach (var topic in answer.Responses)
        {
            var name = FetchCall.NameOf(_core, topic, request);
            foreach (var data in topic.Partitions)
            {
                if (name is null || _ended)
                    continue;
                // A leader that has been followed by another may answer late: the reading has gone on without it.
                if (!_positions.TryGetValue(new(name, data.PartitionIndex), out var position)
                    || !asked.TryGetValue(position, out var from) || from != position.Next)
                {
                    continue;
                }

                if (data.ErrorCode == ErrorCode.None)
                    Take(position, data, lease);
                else
                    Failed(position, data, answer);
            }
        }
    }

    private void Take(FetchPosition position, FetchResponse.PartitionData data, FetchLease lease)
    {
        (position.FailingSince, position.Failures) = (0, 0);
        if (data.PreferredReadReplica != BrokerId.None)
        {
            position.Replica = (
                data.PreferredReadReplica, Deadline.In(_core.Host.Time, _core.Options.MetadataMaxAge).At);
        }

        var bytes = data.Records?.Memory ?? default;
        if (FetchedBatches.EndOf(bytes.Span) is { } end)
        {
            var from = position.Next;
            position.Next = Offset.Max(end, from);
            _fetched.Writer.TryWrite(new FetchedRecords(position, from, data, _options, lease));
            _arrived?.Invoke();
        }
        else if (bytes.Length > 0)
        {
            // Not even one batch fits: brokers send it whole since KIP-74, others must be asked for more.
            position.MaxBytes = position.MaxBytes <= int.MaxValue / 2 ? position.MaxBytes * 2 : int.MaxValue;
        }
    }

    private void Failed(FetchPosition position, FetchResponse.PartitionData data, FetchResponse answer)
    {
        var now = _core.Host.Time.GetTimestamp();
        var follower = position.Replica.Broker;
        position.Replica = (BrokerId.None, 0);
        // A follower may lack what the leader has (KIP-392): that one is asked before the position is given up.
        if (data.ErrorCode == ErrorCode.OffsetOutOfRange && follower != BrokerId.None)
        {
            Pause(position);
            return;
        }

        if (data.ErrorCode == ErrorCode.OffsetOutOfRange)
        {
            if (_options.OffsetReset is not { } reset)
            {
                End(new KafkaException(
                    data.ErrorCode, $"offset {position.Next} of {position.Partition} lies outside its log"));
                return;
            }

            position.Start = reset == OffsetReset.Earliest ? OffsetSpec.Earliest : OffsetSpec.Latest;
            position.Next = Offset.None;
            return;
        }

        position.FailingSince = position.FailingSince == 0 ? now : position.FailingSince;
        var isHopeless = _arrived is null
            && _core.Host.Time.GetElapsedTime(position.FailingSince, now) > _core.Options.ApiTimeout;
        if (isHopeless || !(data.ErrorCode.IsRetriable() || data.ErrorCode == ErrorCode.UnknownServerError)
            || data.ErrorCode == ErrorCode.CorruptMessage)
        {
            End(new KafkaException(data.ErrorCode, $"{position.Partition}: {data.ErrorCode.Meaning()}"));
            return;
        }

        if (data.CurrentLeader.LeaderId != BrokerId.None)
            FetchCall.Learn(_core, position.Partition, data.CurrentLeader, answer);
        _core.Metadata.Doubt();
        Pause(position);
    }

    private async Task LookUpAsync()
    {
        List<FetchPosition> lost = [];
        try
        {
            var now = _core.Host.Time.GetTimestamp();
            lost = [.. _positions.Values.Where(p => IsLost(p, now))];
            var found = await OffsetLookup.FindAsync(
                _core, [.. lost.Select(p => (p.Partition, p.Start))], _options.Isolation, _core.ApiDeadline());
            await FallBackToEndAsync(found);
            foreach (var position in lost)
                position.Found(found[position.Partition].Offset);
        }
        catch (KafkaException fault) when (_arrived is not null && fault.IsRetriable)
        {
            foreach (var position in lost)
                Pause(position);
        }
        finally
        {
            _looking = false;
            Wake();
        }
    }

    /// <summary>Where no record is as late as a timestamp, the end stands for it.</summary>
    private async Task FallBackToEndAsync(Dictionary<TopicPartition, ListedOffset> found)
    {
        var late = found.Where(f => f.Value.Offset == Offset.None).Select(f => (f.Key, OffsetSpec.Latest)).ToList();
        if (late.Count == 0)
            return;
        var ends = await OffsetLookup.FindAsync(_core, late, _options.Isolation, _core.ApiDeadline());
        foreach (var (partition, end) in ends)
            found[partition] = end;
    }

    private static bool IsLost(FetchPosition position, long now) =>
        position.Next == Offset.None && position.NotBefore <= now;

    private void Pause(FetchPosition position) => position.NotBefore = Deadline.In(
        _core.Host.Time, _core.Backoff(Math.Min(position.Failures++, 10))).At;

    private void Released(int size)
    {
        Interlocked.Add(ref _ahead, -size);
        Wake();
    }

    /// <summary>Owns the work in the background: what ends it for good ends the reading.</summary>
    private async Task GuardAsync(Task work)
    {
        try
        {
            await work;
        }
        catch (KafkaException fault)
        {
            End(fault);
        }
        catch (ObjectDisposedException)
        {
            End(null);
        }
    }

    private void End(KafkaException? why)
    {
        _ended = true;
        _fetched.Writer.TryComplete(why);
        _arrived?.Invoke();
    }

    private void Arm(long now)
    {
        var next = _positions.Values.Where(p => p.NotBefore > now).Select(p => p.NotBefore).DefaultIfEmpty(0).Min();
        if (next > 0)
            _timer.Change(_core.Host.Time.GetElapsedTime(now, next), Timeout.InfiniteTimeSpan);
    }
}
