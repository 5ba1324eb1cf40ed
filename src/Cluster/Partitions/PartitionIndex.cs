using Barnabas.Base;
using Places = Barnabas.Base.PersistentMap<Barnabas.Base.TopicId, Barnabas.Cluster.IndexSet>;

namespace Barnabas.Cluster;

/// <summary>Where partitions are found without looking at all of them. It follows from the partitions, and changes with
/// them.</summary>
/// <param name="ByBroker">Those of which a broker holds a replica; a broker that holds none is absent.</param>
/// <param name="Imbalanced">Those that the preferred leader does not lead.</param>
/// <param name="Reassigning">Those that are being reassigned.</param>
internal sealed record PartitionIndex(PersistentMap<BrokerId, Places> ByBroker, Places Imbalanced, Places Reassigning)
{
    /// <summary>Of no partitions.</summary>
    public static PartitionIndex Empty { get; } =
        new(PersistentMap<BrokerId, Places>.Empty(), Places.Empty(), Places.Empty());

    /// <summary>Begins a change of partitions of one topic.</summary>
    public Edit BeginEdit(TopicId topic) => new(this, topic);

    /// <summary>The index without a topic.</summary>
    public PartitionIndex Without(TopicState topic)
    {
        var edit = BeginEdit(topic.Id);
        foreach (var (index, partition) in topic.Partitions)
            edit.Changed(index, partition, null);
        return edit.Done();
    }

    private static Places With(Places places, TopicId topic, IndexSet set) =>
        set.IsEmpty ? places.Without(topic) : places.With(topic, set);

    /// <summary>A change under way. Owned by whoever began it.</summary>
    internal sealed class Edit(PartitionIndex index, TopicId topic)
    {
        private readonly SortedDictionary<BrokerId, IndexSet> _byBroker = [];
        private IndexSet? _imbalanced;
        private IndexSet? _reassigning;

        /// <summary>A partition changes, comes (there was none before) or goes (there is none after).</summary>
        public void Changed(int partition, PartitionState? before, PartitionState? after)
        {
            foreach (var gone in before?.Replicas ?? [])
            {
                if (after is null || !after.Replicas.Contains(gone))
                    _byBroker[gone] = HeldBy(gone).Set(partition, isIn: false);
            }

            foreach (var holder in after?.Replicas ?? [])
            {
                if (before is null || !before.Replicas.Contains(holder))
                    _byBroker[holder] = HeldBy(holder).Set(partition, isIn: true);
            }

            Mark(ref _imbalanced, index.Imbalanced, partition, IsImbalanced(before), IsImbalanced(after));
            Mark(ref _reassigning, index.Reassigning, partition, IsReassigning(before), IsReassigning(after));
        }

        /// <summary>The index as changed.</summary>
        public PartitionIndex Done()
        {
            var byBroker = index.ByBroker.BeginEdit();
            foreach (var (broker, held) in _byBroker)
            {
                var places = With(
                    index.ByBroker.TryGetValue(broker, out var before) ? before : Places.Empty(), topic, held);
                if (places.Count > 0)
                    byBroker.Set(broker, places);
                else
                    byBroker.Remove(broker);
            }

            return new(
                _byBroker.Count == 0 ? index.ByBroker : byBroker.Done(),
                _imbalanced is { } imbalanced ? With(index.Imbalanced, topic, imbalanced) : index.Imbalanced,
                _reassigning is { } reassigning ? With(index.Reassigning, topic, reassigning) : index.Reassigning);
        }

        private IndexSet HeldBy(BrokerId broker)
        {
            if (_byBroker.TryGetValue(broker, out var changed))
                return changed;
            return index.ByBroker.TryGetValue(broker, out var places) && places.TryGetValue(topic, out var held)
                ? held
                : default;
        }

        private void Mark(ref IndexSet? changed, Places places, int partition, bool was, bool isIn)
        {
            if (was == isIn)
                return;
            changed ??= places.TryGetValue(topic, out var before) ? before : default;
            changed = changed.Value.Set(partition, isIn);
        }

        private static bool IsImbalanced(PartitionState? partition) =>
            partition?.Replicas is [var preferred, ..] && partition.Leader != preferred;

        private static bool IsReassigning(PartitionState? partition) => partition is { IsReassigning: true };
    }
}
