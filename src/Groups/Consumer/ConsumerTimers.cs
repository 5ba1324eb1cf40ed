using Barnabas.Cluster.Configs;
using Barnabas.Journal;

namespace Barnabas.Groups.Consumer;

/// <summary>A timer of a member of a consumer group. When it rings the member is taken out: <see cref="FenceMember"/>.
/// </summary>
/// <param name="GroupId">The group.</param>
/// <param name="MemberId">The member.</param>
public abstract record MemberTimer(string GroupId, string MemberId) : TimerKey;

/// <summary>Rings when a member has not sent a heartbeat for too long.</summary>
public sealed record SessionTimer(string GroupId, string MemberId) : MemberTimer(GroupId, MemberId);

/// <summary>Rings when a member took too long to give up partitions.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="MemberId">The member.</param>
/// <param name="Epoch">The epoch the member was at when it was told.</param>
public sealed record RevocationTimer(string GroupId, string MemberId, int Epoch) : MemberTimer(GroupId, MemberId);

/// <summary>Rings when a member of the classic protocol, told to join again, has not.</summary>
public sealed record RejoinTimer(string GroupId, string MemberId) : MemberTimer(GroupId, MemberId);

/// <summary>Rings when a member of the classic protocol has joined and not asked for its share.</summary>
public sealed record ShareTimer(string GroupId, string MemberId) : MemberTimer(GroupId, MemberId);

/// <summary>The timers of consumer groups.</summary>
public static class ConsumerTimers
{
    /// <summary>The timers to set when a group was loaded: everybody has the full time again, as nobody knows how much
    /// is over.</summary>
    public static IEnumerable<Effect> AfterLoad(ConsumerGroup group, ConsumerGroupConfig config)
    {
        foreach (var (_, member) in group.Members)
        {
            yield return Session(group, member, config);
            if (member.State == MemberState.UnrevokedPartitions)
                yield return Revocation(group, member, config);
        }
    }

    internal static SetTimer Session(ConsumerGroup group, ConsumerMember member, ConsumerGroupConfig config) => new(
        new SessionTimer(group.Id, member.MemberId), member.Classic?.SessionTimeout ?? config.SessionTimeout);

    internal static SetTimer Revocation(ConsumerGroup group, ConsumerMember member, ConsumerGroupConfig config) => new(
        new RevocationTimer(group.Id, member.MemberId, member.Epoch),
        member.RebalanceTimeout ?? config.SessionTimeout);

    /// <summary>Nobody waits for the member any more.</summary>
    internal static IEnumerable<Effect> AllStopped(string groupId, ConsumerMember member)
    {
        yield return new StopTimer(new SessionTimer(groupId, member.MemberId));
        if (member.State == MemberState.UnrevokedPartitions)
            yield return new StopTimer(new RevocationTimer(groupId, member.MemberId, member.Epoch));
        if (member.Classic is null)
            yield break;
        foreach (var stop in NoneOfClassic(groupId, member.MemberId))
            yield return stop;
    }

    /// <summary>Nobody waits any more for what members of the classic protocol have to do.</summary>
    internal static IEnumerable<Effect> NoneOfClassic(string groupId, string memberId) =>
    [
        new StopTimer(new RejoinTimer(groupId, memberId)),
        new StopTimer(new ShareTimer(groupId, memberId)),
    ];

    internal static StopTimer NoRevocation(ConsumerGroup group, ConsumerMember member) =>
        new(new RevocationTimer(group.Id, member.MemberId, member.Epoch));
}
