using Barnabas.Base;
using Barnabas.Wire.Messages;
using Microsoft.Extensions.Logging;

namespace Barnabas.Client;

/// <summary>The metadata of the topics in use, fetched anew when an error says that it is stale, or when it is
/// old.</summary>
/// <remarks>Owned by the client's lane; <see cref="View"/> may be read from anywhere.</remarks>
internal sealed partial class MetadataCache(ClientCore core)
{
    private readonly Dictionary<string, ErrorCode> _wanted = new(StringComparer.Ordinal);
    private readonly ILogger _log = core.Host.Log.CreateLogger("Barnabas.Client.Metadata");
    private volatile ClusterView _view = ClusterView.Unknown;
    private Task? _refresh;
    private long _asked;
    private long _served;
    private long _fetchedAt;
    private bool _everFetched;
    private bool _doubted;

    /// <summary>What is known.</summary>
    public ClusterView View => _view;

    /// <summary>A topic, fetched if it is not known or old.</summary>
    /// <exception cref="KafkaException">It does not exist, or could not be learnt before the deadline.</exception>
    public async Task<TopicView> TopicAsync(string name, Deadline deadline)
    {
        if (_wanted.TryAdd(name, ErrorCode.None) || IsOld)
            await RefreshAsync(deadline);
        for (var attempt = 0; ; attempt++)
        {
            if (View.Topic(name) is { } topic)
                return topic;
            var code = _wanted.GetValueOrDefault(name, ErrorCode.UnknownTopicOrPartition);
            if (code != ErrorCode.None && !code.IsRetriable())
                throw Forget(name, code);
            var pause = core.Backoff(attempt);
            if (deadline.Left <= pause || (attempt >= 2 && IsAbsent(code) && !core.Options.AllowAutoCreateTopics))
                throw Forget(name, code == ErrorCode.None ? ErrorCode.UnknownTopicOrPartition : code);
            if (attempt > 0 || code != ErrorCode.None)
                await core.DelayAsync(pause);
            await RefreshAsync(deadline);
        }
    }

    /// <summary>Fetches what is in use now; asks that come while a fetch is under way share the next one.</summary>
    /// <exception cref="KafkaException">No broker answered before the deadline.</exception>
    public async Task RefreshAsync(Deadline deadline)
    {
        var mine = ++_asked;
        while (_served < mine)
        {
            if (_refresh is { } running)
            {
                await running;
                continue;
            }

            var covers = _asked;
            _refresh = FetchAsync(deadline);
            try
            {
                await _refresh;
                _served = covers;
            }
            finally
            {
                _refresh = null;
            }
        }
    }

    /// <summary>Raised on the lane when a fetch that was asked for by <see cref="Doubt"/> has ended, well or
    /// not.</summary>
    public event Action? Refreshed;

    /// <summary>Asks for news without waiting for it, and not more often than requests are repeated.</summary>
    public void Doubt()
    {
        if (_doubted)
            return;
        _doubted = true;
        _ = core.Guard(RefreshSoonAsync());
    }

    /// <summary>Takes in what an answer said about a partition's leader.</summary>
    public void Learn(TopicPartition of, BrokerId leader, LeaderEpoch epoch, BrokerAddress? address) =>
        _view = _view.With(of, leader, epoch, address);

    /// <summary>Forgets the cluster's brokers, so that the bootstrap servers are asked again.</summary>
    public void Rebootstrap()
    {
        LogRebootstrap();
        _view = new ClusterView(_view.ClusterId, BrokerId.None, [], _view.Topics);
    }

    private bool IsOld =>
        !_everFetched || core.Host.Time.GetElapsedTime(_fetchedAt) > core.Options.MetadataMaxAge;

    private static bool IsAbsent(ErrorCode code) =>
        code is ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId;

    private KafkaException Forget(string name, ErrorCode code)
    {
        _wanted.Remove(name);
        return new KafkaException(
            code, IsAbsent(code) ? $"topic '{name}' does not exist" : $"topic '{name}': {code.Meaning()}");
    }

    private async Task RefreshSoonAsync()
    {
        var since = core.Host.Time.GetElapsedTime(_fetchedAt);
        if (_everFetched && since < core.Options.RetryBackoff)
            await core.DelayAsync(core.Options.RetryBackoff - since);
        _doubted = false;
        try
        {
            await RefreshAsync(core.ApiDeadline());
        }
        finally
        {
            Refreshed?.Invoke();
        }
    }

    private async Task FetchAsync(Deadline deadline)
    {
        var mayCreate = core.Options.AllowAutoCreateTopics;
        var answer = await MetadataCall.AskAsync(core, _wanted.Keys, mayCreate, deadline);
        if (answer.ErrorCode == ErrorCode.RebootstrapRequired)
        {
            Rebootstrap();
            answer = await MetadataCall.AskAsync(core, _wanted.Keys, mayCreate, deadline);
        }

        Take(answer);
    }

    private void Take(MetadataResponse answer)
    {
        var topics = _view.Topics.ToDictionary(t => t.Name, StringComparer.Ordinal);
        foreach (var topic in answer.Topics)
        {
            if (topic.Name is not { } name || !_wanted.ContainsKey(name))
                continue;
            _wanted[name] = topic.ErrorCode;
            if (topic.ErrorCode == ErrorCode.None)
                topics[name] = Newer(Read(topic), topics.GetValueOrDefault(name));
            else if (IsAbsent(topic.ErrorCode) || !topic.ErrorCode.IsRetriable())
                topics.Remove(name);
        }

        var brokers = answer.Brokers.Select(b => new BrokerAddress(b.NodeId, b.Host, b.Port, b.Rack)).ToList();
        _view = new ClusterView(
            answer.ClusterId, answer.ControllerId, brokers.Count > 0 ? brokers : _view.Brokers,
            topics.Values.Where(t => _wanted.ContainsKey(t.Name)));
        _fetchedAt = core.Host.Time.GetTimestamp();
        _everFetched = true;
    }

    /// <summary>A topic as an answer describes it.</summary>
    public static TopicView Read(MetadataResponse.MetadataResponseTopic topic) =>
        new(topic.Name!, topic.TopicId, topic.IsInternal, topic.Partitions.Select(p => new PartitionView(
            p.PartitionIndex, p.LeaderId, p.LeaderEpoch, p.ReplicaNodes, p.IsrNodes, p.OfflineReplicas)));

    /// <summary>Keeps what is known of a partition where the answer is older (KIP-320): brokers learn at their own
    /// pace. A topic made anew under the name starts from nothing.</summary>
    private static TopicView Newer(TopicView answer, TopicView? known)
    {
        if (known is null || known.Id != answer.Id)
            return answer;
        return new(answer.Name, answer.Id, answer.IsInternal, answer.Partitions.Select(p =>
            p.Index < known.Partitions.Count && known.Partitions[p.Index].LeaderEpoch > p.LeaderEpoch
                && p.LeaderEpoch != LeaderEpoch.None ? known.Partitions[p.Index] : p));
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "no known broker can be reached; beginning again at the bootstrap servers")]
    private partial void LogRebootstrap();
}
