using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>What is known of the cluster at one time. Immutable; safe to read from anywhere.</summary>
public sealed class ClusterView
{
    internal static readonly ClusterView Unknown = new(null, BrokerId.None, [], []);

    private readonly Dictionary<BrokerId, BrokerAddress> _brokers;
    private readonly Dictionary<string, TopicView> _topics;
    private readonly Dictionary<TopicId, TopicView> _byId;

    internal ClusterView(
        string? clusterId, BrokerId controller, IEnumerable<BrokerAddress> brokers, IEnumerable<TopicView> topics)
    {
        (ClusterId, Controller) = (clusterId, controller);
        _brokers = brokers.ToDictionary(b => b.Id);
        _topics = topics.ToDictionary(t => t.Name, StringComparer.Ordinal);
        _byId = _topics.Values.Where(t => t.Id != TopicId.None).DistinctBy(t => t.Id).ToDictionary(t => t.Id);
    }

    /// <summary>The cluster's id; null while unknown.</summary>
    public string? ClusterId { get; }

    /// <summary>The broker to send controllers' requests to; -1 while unknown.</summary>
    public BrokerId Controller { get; }

    /// <summary>The brokers, in no order.</summary>
    public IReadOnlyCollection<BrokerAddress> Brokers => _brokers.Values;

    /// <summary>The topics that were asked for, in no order.</summary>
    public IReadOnlyCollection<TopicView> Topics => _topics.Values;

    /// <summary>A topic by name; null when not known here.</summary>
    public TopicView? Topic(string name) => _topics.GetValueOrDefault(name);

    /// <summary>A topic by id; null when not known here.</summary>
    public TopicView? Topic(TopicId id) => _byId.GetValueOrDefault(id);

    /// <summary>A broker's address; null when not known.</summary>
    public BrokerAddress? Broker(BrokerId id) => _brokers.GetValueOrDefault(id);

    /// <summary>A partition; null when not known.</summary>
    public PartitionView? Partition(TopicPartition of) =>
        Topic(of.Topic) is { } topic && (uint)of.Partition < (uint)topic.Partitions.Count
            ? topic.Partitions[of.Partition]
            : null;

    /// <summary>The view with a newer leader of one partition (KIP-951); itself where the news is old.</summary>
    internal ClusterView With(TopicPartition of, BrokerId leader, LeaderEpoch epoch, BrokerAddress? address)
    {
        if (Partition(of) is not { } known || epoch <= known.LeaderEpoch)
            return this;
        var topic = Topic(of.Topic)!.With(known with { Leader = leader, LeaderEpoch = epoch });
        var brokers = address is null ? Brokers : [.. Brokers.Where(b => b.Id != address.Id), address];
        return brokers.Any(b => b.Id == leader)
            ? new(ClusterId, Controller, brokers, Topics.Where(t => t.Name != topic.Name).Append(topic))
            : this;
    }
}
