using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Even shares that change as little as can be (KIP-54). The protocol is eager: what a member had stands in
/// its user data, for it gives all up before it joins.</summary>
internal sealed class StickyAssignor : IPartitionAssignor
{
    public string Name => "sticky";

    public bool IsCooperative => false;

    public byte[]? UserData(IReadOnlyCollection<TopicPartition> owned, int generation) =>
        StickyUserData.Write(owned, generation);

    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
        IReadOnlyDictionary<string, int> partitions, IReadOnlyList<MemberSubscription> members) =>
        new StickyPlan(partitions, [.. members.Select(Claiming)]).Make();

    private static MemberSubscription Claiming(MemberSubscription member)
    {
        var (owned, generation) = StickyUserData.Read(member.UserData);
        return member with { Owned = owned, Generation = generation };
    }
}
