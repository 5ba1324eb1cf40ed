using Barnabas.Base;
using Barnabas.Metrics;

namespace Barnabas.Replication;

/// <summary>The traffic of every topic held here. Read from any lane; changed on that of
/// <see cref="Replicas"/>.</summary>
/// <remarks>A topic's numbers go when the topic goes; those of all topics keep what it counted.</remarks>
public sealed class Traffic
{
    private Picture _now = new(PersistentMap<TopicId, TopicTraffic>.Empty(), new TopicTraffic(""));

    /// <summary>The topics held here.</summary>
    public IEnumerable<TopicTraffic> Topics => Volatile.Read(ref _now).Topics.Select(t => t.Value);

    /// <summary>A number of all topics together, those that are gone included.</summary>
    public long Total(Func<TopicTraffic, Counter> number)
    {
        var now = Volatile.Read(ref _now);
        return now.Topics.Aggregate(number(now.Gone).Value, (sum, topic) => sum + number(topic.Value).Value);
    }

    /// <summary>The numbers of a topic, which begin with the first call.</summary>
    internal TopicTraffic Of(TopicId id, string topic)
    {
        if (_now.Topics.TryGetValue(id, out var known))
            return known;
        var begun = new TopicTraffic(topic);
        Volatile.Write(ref _now, _now with { Topics = _now.Topics.With(id, begun) });
        return begun;
    }

    /// <summary>A topic is gone.</summary>
    internal void Retire(TopicId id)
    {
        if (!_now.Topics.TryGetValue(id, out var topic))
            return;
        var gone = new TopicTraffic("");
        gone.Take(_now.Gone);
        gone.Take(topic);
        Volatile.Write(ref _now, new Picture(_now.Topics.Without(id), gone));
    }

    private sealed record Picture(PersistentMap<TopicId, TopicTraffic> Topics, TopicTraffic Gone);
}
