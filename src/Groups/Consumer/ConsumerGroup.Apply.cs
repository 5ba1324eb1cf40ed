using System.Collections.Immutable;
using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Consumer;

public sealed partial record ConsumerGroup
{
    /// <summary>The group after a record, live or replayed.</summary>
    /// <remarks>A compacted log tells of a member's assignment before it tells of the member: whatever is not there yet
    /// is made, and what a tombstone takes may be gone already.</remarks>
    /// <returns>Null when the record took the group itself away.</returns>
    public ConsumerGroup? Apply(StoredRecord record) => (record.Key, record.Value) switch
    {
        (ConsumerGroupMetadataKey, null) => null,
        (ConsumerGroupMetadataKey, ConsumerGroupMetadataValue value) =>
            this with { Epoch = value.Epoch, MetadataHash = value.MetadataHash },
        (ConsumerGroupMemberMetadataKey key, null) => WithoutMember(key.MemberId),
        (ConsumerGroupMemberMetadataKey key, ConsumerGroupMemberMetadataValue value) =>
            WithMember(ConsumerRecords.Read(value, FindOrNew(key.MemberId))),
        (ConsumerGroupTargetAssignmentMetadataKey, null) => this with { AssignmentEpoch = -1 },
        (ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue value) =>
            this with { AssignmentEpoch = value.AssignmentEpoch },
        (ConsumerGroupTargetAssignmentMemberKey key, null) => this with { Target = Target.Without(key.MemberId) },
        (ConsumerGroupTargetAssignmentMemberKey key, ConsumerGroupTargetAssignmentMemberValue value) =>
            this with { Target = Target.With(key.MemberId, ConsumerRecords.Read(value)) },
        (ConsumerGroupCurrentMemberAssignmentKey key, null) => WithoutAssignment(key.MemberId),
        (ConsumerGroupCurrentMemberAssignmentKey key, ConsumerGroupCurrentMemberAssignmentValue value) =>
            WithMember(ConsumerRecords.Read(value, FindOrNew(key.MemberId))),
        (ConsumerGroupRegularExpressionKey key, null) => WithPattern(key.RegularExpression, null),
        (ConsumerGroupRegularExpressionKey key, ConsumerGroupRegularExpressionValue value) =>
            WithPattern(key.RegularExpression, ConsumerRecords.Read(value)),
        _ => this,
    };

    private ConsumerMember FindOrNew(string memberId) => Find(memberId) ?? new() { MemberId = memberId };

    private ConsumerGroup WithMember(ConsumerMember member)
    {
        var before = Find(member.MemberId);

        // Members mostly subscribe to the same: they share the list then, and assignors read it once.
        foreach (var (_, other) in Members.Take(1))
        {
            if (member.SubscribesToTheSameAs(other))
                member = member with { Topics = other.Topics };
        }

        return Counted(before, member) with
        {
            Members = Members.With(member.MemberId, member),
            StaticMembers = member.InstanceId is { } instance
                ? StaticMembers.With(instance, member.MemberId)
                : StaticMembers,
        };
    }

    private ConsumerGroup WithoutMember(string memberId)
    {
        if (Find(memberId) is not { } member)
            return this;
        var isTheStaticOne = member.InstanceId is { } instance && FindStatic(instance) == member;
        return Counted(member, null) with
        {
            Members = Members.Without(memberId),
            StaticMembers = isTheStaticOne ? StaticMembers.Without(member.InstanceId!) : StaticMembers,
        };
    }

    private ConsumerGroup WithoutAssignment(string memberId) => Find(memberId) is not { } member
        ? this
        : WithMember(member with
        {
            Epoch = ConsumerMember.LeaveEpoch,
            PreviousEpoch = ConsumerMember.LeaveEpoch,
            State = MemberState.Stable,
            Assigned = PartitionSet.Empty,
            Revoking = PartitionSet.Empty,
        });

    private ConsumerGroup WithPattern(string pattern, ResolvedPattern? resolved)
    {
        var before = Patterns.TryGetValue(pattern, out var known) ? known.Topics : [];
        return this with
        {
            Patterns = resolved is null ? Patterns.Without(pattern) : Patterns.With(pattern, resolved),
            Subscriptions = Count(Subscriptions, before, resolved?.Topics ?? []),
        };
    }

    /// <summary>The group with everything that follows from its members, when one changes.</summary>
    private ConsumerGroup Counted(ConsumerMember? before, ConsumerMember? after)
    {
        var group = this;
        if (before is null || after is null || before.Topics != after.Topics)
            group = group with { Subscriptions = Count(Subscriptions, before?.Topics ?? [], after?.Topics ?? []) };
        if (before?.Pattern != after?.Pattern)
        {
            group = group with
            {
                PatternSubscriptions = Count(
                    PatternSubscriptions,
                    before?.Pattern is { } old ? [old] : [],
                    after?.Pattern is { } now ? [now] : []),
            };
        }

        var (held, holds) = (before?.Held ?? PartitionSet.Empty, after?.Held ?? PartitionSet.Empty);
        return held.Equals(holds) ? group : group with { Holders = Hand((before ?? after)!.MemberId, held, holds) };
    }

    private PersistentMap<(TopicId Topic, int Partition), string> Hand(
        string memberId, PartitionSet held, PartitionSet holds)
    {
        var holders = Holders.BeginEdit();
        foreach (var (topic, partitions) in held.Except(holds).Topics)
        {
            foreach (var partition in partitions)
            {
                if (holders.TryGetValue((topic, partition), out var holder) && holder == memberId)
                    holders.Remove((topic, partition));
            }
        }

        foreach (var (topic, partitions) in holds.Except(held).Topics)
        {
            foreach (var partition in partitions)
                holders.Set((topic, partition), memberId);
        }

        return holders.Done();
    }

    private static PersistentMap<string, int> Count(
        PersistentMap<string, int> counts, ImmutableArray<string> fewer, ImmutableArray<string> more)
    {
        var edit = counts.BeginEdit();
        foreach (var name in more)
            edit.Set(name, edit.TryGetValue(name, out var count) ? count + 1 : 1);
        foreach (var name in fewer)
        {
            if (edit.TryGetValue(name, out var count) && count > 1)
                edit.Set(name, count - 1);
            else
                edit.Remove(name);
        }

        return edit.Done();
    }
}
