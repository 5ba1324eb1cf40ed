using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Bench;

/// <summary>Fetches some partitions over one connection, as a consumer does: in a session of which each request
/// names only the partitions whose position has moved.</summary>
internal sealed class FetchExchange
{
    private readonly Line _line;
    private readonly FetchSettings _settings;
    private readonly Target[] _targets;
    private readonly Dictionary<int, int> _byPartition = [];
    private readonly long[] _next;
    private readonly long[] _told;
    private readonly short _version;
    private int _correlationId;
    private int _sessionId;
    private int _epoch;

    /// <summary>Prepares to fetch from the first offsets given.</summary>
    public FetchExchange(Line line, FetchSettings settings, IEnumerable<(Target Target, Offset From)> positions)
    {
        var all = positions.ToList();
        (_line, _settings, _targets) = (line, settings, [.. all.Select(static one => one.Target)]);
        _next = [.. all.Select(static one => one.From.Value)];
        _told = [.. _next.Select(static _ => -1L)];
        for (var at = 0; at < _targets.Length; at++)
            _byPartition.Add(_targets[at].Partition, at);
        // Later versions go by id.
        _version = line.Choose<FetchRequest>(_targets[0].TopicId == TopicId.None ? (short)12 : null);
        _epoch = settings.HasSession ? 0 : -1;
    }

    /// <summary>The offset that is fetched next of a partition.</summary>
    /// <param name="at">The partition's place among those given.</param>
    public long Next(int at) => _next[at];

    /// <summary>Goes on elsewhere.</summary>
    public void Seek(int at, Offset to) => _next[at] = to.Value;

    /// <summary>Asks, and waits for the answer.</summary>
    /// <param name="each">Told the batches of each partition that has some: its place, and the bytes, which are
    /// good until the next call.</param>
    /// <exception cref="LoadException">The broker refuses a partition.</exception>
    public void Run(Action<int, ReadOnlyMemory<byte>> each)
    {
        Send();
        var answer = RequestFrame.Decode<FetchResponse>(_line.Receive(), _version, FetchResponse.IsFlexible(_version));
        if (answer.ErrorCode != ErrorCode.None)
            throw new LoadException($"Fetch was answered with {answer.ErrorCode.KafkaName()}");
        GoOn(answer.SessionId);
        foreach (var topic in answer.Responses)
        {
            foreach (var partition in topic.Partitions)
                Take(partition, each);
        }
    }

    private void Send()
    {
        var request = new FetchRequest
        {
            MaxWaitMs = (int)_settings.MaxWait.TotalMilliseconds,
            MinBytes = _settings.MinBytes,
            MaxBytes = _settings.MaxBytes,
            SessionId = _sessionId,
            SessionEpoch = _epoch,
        };
        var topic = new FetchRequest.FetchTopic { Topic = _targets[0].Topic, TopicId = _targets[0].TopicId };
        for (var at = 0; at < _targets.Length; at++)
        {
            if (_epoch > 0 && _next[at] == _told[at])
                continue;
            _told[at] = _next[at];
            topic.Partitions.Add(new FetchRequest.FetchPartition
            {
                Partition = _targets[at].Partition,
                FetchOffset = new Offset(_next[at]),
                PartitionMaxBytes = _settings.PartitionBytes,
            });
        }

        if (topic.Partitions.Count > 0)
            request.Topics.Add(topic);
        _line.Send(RequestFrame.Encode(request, _version, ++_correlationId));
    }

    private void GoOn(int sessionId)
    {
        // The broker may have no room for a session; then every request names all.
        if (_epoch == 0)
            (_sessionId, _epoch) = (sessionId, sessionId == 0 ? 0 : 1);
        else if (_epoch > 0)
            _epoch = _epoch == int.MaxValue ? 1 : _epoch + 1;
    }

    private void Take(FetchResponse.PartitionData partition, Action<int, ReadOnlyMemory<byte>> each)
    {
        if (!_byPartition.TryGetValue(partition.PartitionIndex, out var at))
            throw new MalformedFrameException($"an answer about partition {partition.PartitionIndex}, not asked for");
        if (partition.ErrorCode != ErrorCode.None)
            throw LoadException.Refused("Fetch", _targets[at].Topic, _targets[at].Partition, partition.ErrorCode);
        if (partition.Records is not { Length: > 0 } records)
            return;
        // The first batch may begin before the offset that was asked for.
        _next[at] = Math.Max(_next[at], FetchedBytes.End(records.Memory.Span));
        each(at, records.Memory);
    }
}
