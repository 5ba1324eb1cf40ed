using Barnabas.Base;
using Barnabas.SimCluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Simulation.Histories;

/// <summary>A consumer of all partitions at once, by fetch sessions (KIP-227): it reads what there is, in order and
/// without a gap.</summary>
internal sealed class SessionReader(History history, int number)
{
    private readonly Link _link = new(history.World);
    private readonly RandomSource _chance = history.NewChance(number);
    private readonly Dictionary<(TopicId Topic, int Partition), long> _positions = [];
    private readonly HashSet<(TopicId Topic, int Partition)> _inSession = [];
    private int _generation;
    private int _session;
    private int _epoch;

    /// <summary>Reads until the history winds down.</summary>
    public async Task RunAsync()
    {
        while (!history.IsWindingDown)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(_chance.Next(300)), history.World);
            await FetchAsync();
        }

        await _link.CloseAsync();
    }

    private async Task FetchAsync()
    {
        await _link.DialAsync();
        if (_generation != _link.Generation || _chance.Next(20) == 0)
        {
            (_generation, _session, _epoch) = (_link.Generation, 0, 0);
            _inSession.Clear();
        }

        var request = Request();
        var answer = await _link.TryAskAsync(request);
        if (answer is not { ErrorCode: ErrorCode.None })
        {
            Assert.True(
                answer is null || answer.ErrorCode is ErrorCode.FetchSessionIdNotFound,
                $"a fetch got {answer?.ErrorCode}");
            _generation = -1;
            return;
        }

        _session = answer.SessionId;
        _epoch = _session == 0 ? 0 : _epoch + 1;
        foreach (var topic in answer.Responses)
        {
            foreach (var data in topic.Partitions)
                Take(topic.TopicId, data);
        }
    }

    private void Take(TopicId id, FetchResponse.PartitionData data)
    {
        var key = (id, data.PartitionIndex);
        if (history.Find(id) is not { } topic || data.PartitionIndex >= topic.Partitions.Count)
            return;
        if (data.ErrorCode == ErrorCode.OffsetOutOfRange)
        {
            Assert.True(
                data.LogStartOffset.Value > _positions[key],
                $"{topic.Name}: {_positions[key]} is out of range without cause");
            _positions[key] = data.LogStartOffset.Value;
            _inSession.Remove(key);
        }

        if (data.ErrorCode != ErrorCode.None)
            return;
        var ledger = topic.Partitions[data.PartitionIndex];
        ledger.SawHighWatermark(data.HighWatermark.Value);
        var position = ledger.SawServed(data, _positions[key]);
        if (position == _positions[key])
            return;
        _positions[key] = position;
        _inSession.Remove(key);
    }

    /// <summary>Names what is new or has moved, and no more: the session remembers the rest.</summary>
    private FetchRequest Request()
    {
        var request = new FetchRequest
        {
            ClusterId = null,
            MaxWaitMs = _chance.Next(200),
            MinBytes = 1,
            MaxBytes = 1 << 20,
            SessionId = _session,
            SessionEpoch = _epoch,
        };
        foreach (var topic in history.All.Where(static topic => topic.Deletion != Deletion.Done))
        {
            var named = new FetchRequest.FetchTopic { TopicId = topic.Id };
            for (var i = 0; i < topic.Partitions.Count; i++)
            {
                _positions.TryAdd((topic.Id, i), 0);
                if (_inSession.Add((topic.Id, i)))
                    named.Partitions.Add(Partition(i, _positions[(topic.Id, i)]));
            }

            if (named.Partitions.Count > 0)
                request.Topics.Add(named);
        }

        return request;
    }

    private FetchRequest.FetchPartition Partition(int index, long offset) => new()
    {
        Partition = index,
        FetchOffset = new Offset(offset),
        PartitionMaxBytes = 100 + _chance.Next(4000),
    };
}
