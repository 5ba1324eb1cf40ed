using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Even shares that change as little as can be, in two steps: a partition that changes hands is nobody's in
/// the generation in which its owner gives it up, and the new owner's in the next (KIP-429).</summary>
internal sealed class CooperativeStickyAssignor : IPartitionAssignor
{
    public string Name => "cooperative-sticky";

    public bool IsCooperative => true;

    public byte[]? UserData(IReadOnlyCollection<TopicPartition> owned, int generation) =>
        StickyUserData.WriteGeneration(generation);

    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
        IReadOnlyDictionary<string, int> partitions, IReadOnlyList<MemberSubscription> members)
    {
        var claiming = members.Select(Claiming).ToList();
        var plan = new StickyPlan(partitions, claiming).Make();
        var claims = claiming.SelectMany(m => m.Owned.Select(p => (Partition: p, m.MemberId)))
            .ToLookup(c => c.Partition, c => c.MemberId);
        return plan.ToDictionary(
            share => share.Key,
            share => (IReadOnlyList<TopicPartition>)
                [.. share.Value.Where(p => claims[p].All(claimant => claimant == share.Key))]);
    }

    /// <summary>Members that do not say their generation in the subscription say it in their user data.</summary>
    private static MemberSubscription Claiming(MemberSubscription member) => member.Generation >= 0
        ? member
        : member with { Generation = StickyUserData.ReadGeneration(member.UserData) };
}
