using Barnabas.Base;
using Barnabas.Journal;

namespace Barnabas.Groups.Consumer;

/// <summary>A decision about a group in the making: every record changes the group at once, as it will when it is
/// replayed.</summary>
internal sealed class GroupDraft(ConsumerGroup group)
{
    private readonly List<GroupRecord> _records = [];
    private readonly List<Effect> _effects = [];

    /// <summary>The group after all records up to now.</summary>
    public ConsumerGroup Group { get; private set; } = group;

    /// <summary>Adds a record of the group.</summary>
    public void Add(StoredRecord record)
    {
        var after = Group.Apply(record);
        Invariant.Holds(after is not null, "a draft does not take its group away");
        Group = after!;
        _records.Add(record);
    }

    /// <summary>Adds a record that leaves this group as it is.</summary>
    public void AddBefore(StoredRecord record) => _records.Add(record);

    /// <summary>Adds what is to be done when the records are committed.</summary>
    public void Do(Effect effect) => _effects.Add(effect);

    /// <summary>Adds what is to be done when the records are committed.</summary>
    public void Do(IEnumerable<Effect> effects) => _effects.AddRange(effects);

    /// <summary>Begins the next epoch, for topics that now have this hash.</summary>
    public void BeginEpoch(long metadataHash) =>
        Add(ConsumerRecords.Group(Group.Id, checked(Group.Epoch + 1), metadataHash));

    /// <summary>Takes out a member with all that is known of it.</summary>
    public void Remove(string memberId)
    {
        Add(ConsumerRecords.NoCurrent(Group.Id, memberId));
        Add(ConsumerRecords.NoTarget(Group.Id, memberId));
        Add(ConsumerRecords.NoMember(Group.Id, memberId));
    }

    /// <summary>The decision, with its answer.</summary>
    public Decision<TAnswer, GroupRecord> Done<TAnswer>(TAnswer answer) => new(answer, _records, _effects);
}
