using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>What is known of a topic.</summary>
public sealed class TopicView
{
    private readonly PartitionView[] _partitions;

    /// <summary>A topic and its partitions.</summary>
    /// <param name="name">The topic's name.</param>
    /// <param name="id">The topic's id; zero where the broker is too old to say.</param>
    /// <param name="isInternal">True for topics of Kafka's own.</param>
    /// <param name="partitions">The partitions, by index from 0 without gaps.</param>
    public TopicView(string name, TopicId id, bool isInternal, IEnumerable<PartitionView> partitions)
    {
        (Name, Id, IsInternal) = (name, id, isInternal);
        _partitions = [.. partitions.OrderBy(p => p.Index)];
        for (var i = 0; i < _partitions.Length; i++)
        {
            if (_partitions[i].Index != i)
                throw new KafkaException(ErrorCode.UnknownServerError, $"the partitions of '{name}' have a gap at {i}");
        }

        Available = [.. _partitions.Where(p => p.Leader != BrokerId.None).Select(p => p.Index)];
    }

    /// <summary>The topic's name.</summary>
    public string Name { get; }

    /// <summary>The topic's id; zero where the broker is too old to say.</summary>
    public TopicId Id { get; }

    /// <summary>True for topics of Kafka's own.</summary>
    public bool IsInternal { get; }

    /// <summary>The partitions, by index.</summary>
    public IReadOnlyList<PartitionView> Partitions => _partitions;

    /// <summary>The indexes of the partitions that have a leader, ascending.</summary>
    public IReadOnlyList<int> Available { get; }

    /// <summary>The same topic with one partition replaced.</summary>
    internal TopicView With(PartitionView partition) =>
        new(Name, Id, IsInternal, _partitions.Select(p => p.Index == partition.Index ? partition : p));
}
