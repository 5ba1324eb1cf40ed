using Barnabas.Base;

namespace Barnabas.Groups.Classic;

public sealed partial record ClassicGroup
{
    /// <summary>The group with a member, new or in the place of the one of its id.</summary>
    public ClassicGroup With(ClassicMember member)
    {
        var old = Find(member.Id);
        var supporters = Supporters;
        if (old is null || !ReferenceEquals(old.Protocols, member.Protocols))
            supporters = Count(Count(supporters, old, -1), member, +1);
        return this with
        {
            Members = Members.With(member.Id, member),
            StaticMembers = member.InstanceId is { } name && old is null
                ? StaticMembers.With(name, member.Id)
                : StaticMembers,
            Supporters = supporters,
            Joining = Joining + (member.Joining is null ? 0 : 1) - (old?.Joining is null ? 0 : 1),
            Pending = Pending.Without(member.Id),
            Leader = Leader ?? member.Id,
        };
    }

    /// <summary>The group without a member. Where it was the leader, another is.</summary>
    public ClassicGroup Without(ClassicMember member)
    {
        var members = Members.Without(member.Id);
        var holdsName = member.InstanceId is { } name
            && StaticMembers.TryGetValue(name, out var owner) && owner == member.Id;
        return this with
        {
            Members = members,
            StaticMembers = holdsName ? StaticMembers.Without(member.InstanceId!) : StaticMembers,
            Supporters = Count(Supporters, member, -1),
            Joining = Joining - (member.Joining is null ? 0 : 1),
            Unsynced = Unsynced.Without(member.Id),
            Leader = Leader != member.Id ? Leader : members.Select(m => m.Key).FirstOrDefault(),
        };
    }

    /// <summary>The group with a static member under a new id, its place and share kept.</summary>
    public ClassicGroup Rename(ClassicMember member, string id)
    {
        var wasLeader = Leader == member.Id;
        var after = Without(member).With(member with { Id = id, Joining = null, Syncing = null });
        return after with { Leader = wasLeader ? id : after.Leader };
    }

    private static PersistentMap<string, int> Count(
        PersistentMap<string, int> supporters, ClassicMember? member, int change)
    {
        if (member is null)
            return supporters;
        foreach (var name in member.Protocols.Select(p => p.Name).Distinct(StringComparer.Ordinal))
        {
            var count = (supporters.TryGetValue(name, out var now) ? now : 0) + change;
            supporters = count == 0 ? supporters.Without(name) : supporters.With(name, count);
        }

        return supporters;
    }
}
