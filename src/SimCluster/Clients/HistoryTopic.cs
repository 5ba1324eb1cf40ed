using Barnabas.Base;

namespace Barnabas.SimCluster;

/// <summary>A topic of a history, in one of its incarnations.</summary>
/// <param name="Name">Its name, which later topics may have too.</param>
/// <param name="Id">Its id.</param>
internal sealed record HistoryTopic(string Name, TopicId Id)
{
    /// <summary>What is known of each partition, as many as were acknowledged to exist.</summary>
    public List<PartitionLedger> Partitions { get; } = [];

    /// <summary>True for a topic that is never deleted.</summary>
    public bool IsKept { get; init; }

    /// <summary>How its deletion stands.</summary>
    public Deletion Deletion { get; set; }

    /// <summary>What is known of each config that was changed.</summary>
    public Dictionary<string, ConfigLedger> Configs { get; } = new(StringComparer.Ordinal);

    /// <summary>Gives it partitions up to <paramref name="count"/>.</summary>
    public void Grow(int count)
    {
        while (Partitions.Count < count)
            Partitions.Add(new PartitionLedger($"{Name}-{Partitions.Count} ({Id})"));
    }
}

/// <summary>How a topic's deletion stands.</summary>
internal enum Deletion
{
    /// <summary>Nobody asked for it.</summary>
    None,

    /// <summary>It was asked for, and nobody knows what became of that.</summary>
    Unknown,

    /// <summary>It was acknowledged: the topic is gone for good.</summary>
    Done,
}

/// <summary>What is known of one config of one topic.</summary>
internal sealed class ConfigLedger
{
    private readonly HashSet<string> _unknown = new(StringComparer.Ordinal);
    private string? _acknowledged;

    /// <summary>A change is on its way: it may be made at any time from now on.</summary>
    public void Send(string value) => _unknown.Add(value);

    /// <summary>The change was acknowledged.</summary>
    public void Acknowledge(string value)
    {
        _unknown.Remove(value);
        _acknowledged = value;
    }

    /// <summary>True when this may be its value now.</summary>
    public bool MayBe(string? value) =>
        _acknowledged is null || value == _acknowledged || (value is not null && _unknown.Contains(value));
}
