using Barnabas.Base;
using Barnabas.Groups.Consumer;
using Barnabas.Journal;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Classic;

/// <summary>A decision about a classic group in the making: the group as it stands after each step, and what the steps
/// ask for.</summary>
internal sealed class ClassicChange(string id, ClassicGroup group, GroupRules rules)
{
    private readonly ClassicGroup _before = group;
    private readonly List<GroupRecord> _records = [];
    private readonly List<Effect> _effects = [];

    /// <summary>What the decision is made by.</summary>
    public GroupRules Rules => rules;

    /// <summary>The group after the steps so far.</summary>
    public ClassicGroup Group { get; set; } = group;

    /// <summary>The decision.</summary>
    public Decision<TAnswer, GroupRecord> Decide<TAnswer>(TAnswer answer)
    {
        if (!ReferenceEquals(Group, _before))
            _records.Add(new MembershipChanged(id, Group.IsVoid ? null : Group));
        return new(answer, _records, _effects);
    }

    /// <summary>The group takes the place of one of the consumer protocol that nobody is in.</summary>
    public void Discard(ConsumerGroup empty) => _records.AddRange(empty.Tombstones());

    /// <summary>The group comes into another state.</summary>
    public void Enter(ClassicState state) => Group = Group with { State = state, StateSince = rules.Now };

    /// <summary>Keeps the group as it stands.</summary>
    public void Store() => _records.Add(ClassicRecords.Write(id, Group));

    /// <summary>The member has a whole session timeout from now on.</summary>
    public void RenewSession(ClassicMember member) => RenewSession(member.Id, member.SessionTimeout);

    /// <summary>Whoever has that id has so long from now on.</summary>
    public void RenewSession(string member, TimeSpan timeout) =>
        _effects.Add(new SetTimer(new SessionTimer(id, member), timeout));

    /// <summary>Nobody waits for a sign of life of that id any more.</summary>
    public void EndSession(string member) => _effects.Add(new StopTimer(new SessionTimer(id, member)));

    /// <summary>Waits so long for members to join.</summary>
    public void WaitForJoins(TimeSpan time) => _effects.Add(new SetTimer(new JoinTimer(id), time));

    /// <summary>Waits for members to join no longer.</summary>
    public void EndWaitForJoins() => _effects.Add(new StopTimer(new JoinTimer(id)));

    /// <summary>Waits so long for members to ask for their share.</summary>
    public void WaitForSyncs(TimeSpan time) => _effects.Add(new SetTimer(new SyncTimer(id), time));

    /// <summary>Waits for members to ask for their share no longer.</summary>
    public void EndWaitForSyncs() => _effects.Add(new StopTimer(new SyncTimer(id)));

    /// <summary>Answers the JoinGroup that a member waits with, if there is one; the group does not know it
    /// afterwards.</summary>
    public ClassicMember AnswerJoin(ClassicMember member, Func<JoinGroupResponse> answer)
    {
        if (member.Joining is not { } ticket)
            return member;
        _effects.Add(new Reply(ticket, answer()));
        return member with { Joining = null };
    }

    /// <summary>Answers the SyncGroup that a member waits with, if there is one: with its share, or an error.</summary>
    public ClassicMember AnswerSync(ClassicMember member, ErrorCode error)
    {
        if (member.Syncing is not { } ticket)
            return member;
        _effects.Add(new Reply(ticket, error == ErrorCode.None
            ? ClassicAnswers.Share(Group, member)
            : new SyncGroupResponse { ErrorCode = error }));
        return member with { Syncing = null };
    }
}
