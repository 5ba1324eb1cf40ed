using Barnabas.Groups.Consumer;
using Barnabas.Journal;
using Barnabas.Wire.Messages;
using static Barnabas.Tests.Unit.Groups.Consumer.Coordinator;

namespace Barnabas.Tests.Unit.Groups.Consumer;

public sealed class ConsumerGroupHeartbeatTests
{
    private readonly Coordinator _coordinator = new Coordinator().Topic("t", 4).Topic("u", 2);

    [Fact]
    public void The_first_member_gets_everything_at_once()
    {
        Assert.Equal("1 [t:0,1,2,3 u:0,1]", Show(_coordinator.Join("a", "t,u")));
        Assert.Equal("Stable", _coordinator.Group.StateName);
        Assert.Equal(
            [typeof(ConsumerGroupMemberMetadataKey), typeof(ConsumerGroupMetadataKey),
                typeof(ConsumerGroupTargetAssignmentMemberKey), typeof(ConsumerGroupTargetAssignmentMetadataKey),
                typeof(ConsumerGroupCurrentMemberAssignmentKey)],
            _coordinator.LastRecords.Select(record => ((Barnabas.Groups.StoredRecord)record).Key.GetType()));
    }

    [Fact]
    public void A_partition_goes_to_the_next_member_once_its_owner_gave_it_up()
    {
        _coordinator.Join("a", "t");
        Assert.Equal("2 []", Show(_coordinator.Join("b", "t")));
        Assert.Equal("Reconciling", _coordinator.Group.StateName);

        // Told to give up two, a stays in its epoch, and b waits.
        Assert.Equal("1 [t:0,1]", Show(_coordinator.Keep("a", 1, "t:0,1,2,3")));
        Assert.Equal("2", Show(_coordinator.Keep("b", 2, "")));
        Assert.Equal("1", Show(_coordinator.Keep("a", 1)));
        Assert.Equal("2", Show(_coordinator.Keep("b", 2, "")));

        Assert.Equal("2", Show(_coordinator.Keep("a", 1, "t:0,1")));
        Assert.Equal("2 [t:2,3]", Show(_coordinator.Keep("b", 2, "")));
        Assert.Equal("Stable", _coordinator.Group.StateName);
    }

    [Fact]
    public void Who_leaves_frees_its_partitions_at_once()
    {
        _coordinator.Join("a", "t");
        _coordinator.Join("b", "t");
        _coordinator.Keep("a", 1, "t:0,1");
        _coordinator.Keep("b", 2, "");

        Assert.Equal("-1", Show(_coordinator.Leave("a")));
        Assert.Equal("Assigning", _coordinator.Group.StateName);
        Assert.Equal("3 [t:0,1,2,3]", Show(_coordinator.Keep("b", 2)));
        Assert.Equal("-1", Show(_coordinator.Leave("b")));
        Assert.Equal(("Empty", 4), (_coordinator.Group.StateName, _coordinator.Group.Epoch));
    }

    [Fact]
    public void A_steady_member_writes_nothing_and_is_told_nothing()
    {
        _coordinator.Join("a", "t");
        Assert.Equal("1", Show(_coordinator.Keep("a", 1)));
        Assert.Empty(_coordinator.LastRecords);
        Assert.Equal([new SetTimer(new SessionTimer("g", "a"), TimeSpan.FromSeconds(45))], _coordinator.LastEffects);
    }

    [Fact]
    public void A_full_request_is_told_everything_again()
    {
        _coordinator.Join("a", "t");
        var request = Joining("a", "t");
        (request.MemberEpoch, request.TopicPartitions) = (1, Owned("t:0,1,2,3"));
        Assert.Equal("1 [t:0,1,2,3]", Show(_coordinator.Beat(request)));
        Assert.Empty(_coordinator.LastRecords);
    }

    [Fact]
    public void A_topic_that_comes_or_grows_begins_a_new_epoch()
    {
        Assert.Equal("1 [t:0,1,2,3]", Show(_coordinator.Join("a", "t,v")));
        _coordinator.Topic("t", 5);
        Assert.Equal("2 [t:0,1,2,3,4]", Show(_coordinator.Keep("a", 1)));
        _coordinator.Topic("v", 1);
        Assert.Equal("3 [t:0,1,2,3,4 v:0]", Show(_coordinator.Keep("a", 2)));
        _coordinator.DeleteTopic("t");
        Assert.Equal("3 [v:0]", Show(_coordinator.Keep("a", 3)));
        Assert.Equal("4", Show(_coordinator.Keep("a", 3, "v:0")));
    }

    [Fact]
    public void A_lost_answer_is_forgiven_where_the_member_owns_no_more_than_it_may()
    {
        _coordinator.Join("a", "t");
        Assert.Equal("1 [t:0,1,2,3]", Show(_coordinator.Join("a", "t")));
        _coordinator.Topic("t", 6);
        _coordinator.Keep("a", 1);
        Assert.Equal("2", Show(_coordinator.Keep("a", 1, "t:0,1")));
        Assert.StartsWith("FencedMemberEpoch", Show(_coordinator.Keep("a", 1)));
        Assert.StartsWith("FencedMemberEpoch", Show(_coordinator.Keep("a", 1, "t:7")));
        Assert.StartsWith("FencedMemberEpoch", Show(_coordinator.Keep("a", 3, "")));
        Assert.StartsWith("FencedMemberEpoch", Show(_coordinator.Join("a", "t")));
    }

    [Fact]
    public void A_static_member_that_comes_back_gets_what_it_had()
    {
        _coordinator.Join("a", "t", "i");
        _coordinator.Join("b", "t");
        _coordinator.Keep("a", 1, "t:0,1", "i");
        _coordinator.Keep("b", 2);

        Assert.Equal("-2", Show(_coordinator.Leave("a", -2, "i")));
        Assert.Equal("2", Show(_coordinator.Keep("b", 2)));
        Assert.Equal("2 [t:0,1]", Show(_coordinator.Join("c", "t", "i")));
        Assert.Equal(("c", 2), (_coordinator.Group.FindStatic("i")!.MemberId, _coordinator.Group.Members.Count));
        Assert.Contains(new StopTimer(new SessionTimer("g", "a")), _coordinator.LastEffects);
        Assert.Equal(
            "FencedInstanceId: Static member a with instance id i was fenced by member c.",
            Show(_coordinator.Keep("a", 2, null, "i")));
    }

    [Fact]
    public void Nobody_takes_the_instance_id_of_a_member_that_has_not_left()
    {
        _coordinator.Join("a", "t", "i");
        Assert.Equal(
            "UnreleasedInstanceId: Static member b with instance id i cannot join the group because the instance id is "
                + "owned by a member.",
            Show(_coordinator.Join("b", "t", "i")));
        Assert.Equal("UnknownMemberId: Instance id j is unknown.", Show(_coordinator.Leave("a", -2, "j")));
        Assert.Equal("UnknownMemberId: Instance id j is unknown.", Show(_coordinator.Keep("a", 1, null, "j")));
    }

    [Fact]
    public void Who_gives_up_too_slowly_is_taken_out()
    {
        _coordinator.Join("a", "t");
        _coordinator.Join("b", "t");
        _coordinator.Keep("a", 1);
        var timer = new RevocationTimer("g", "a", 1);
        Assert.Contains(new SetTimer(timer, TimeSpan.FromSeconds(60)), _coordinator.LastEffects);

        Assert.False(_coordinator.Ring(timer with { Epoch = 0 }));
        Assert.False(_coordinator.Ring(timer with { MemberId = "b" }));
        Assert.True(_coordinator.Ring(timer));
        Assert.Contains(new StopTimer(new SessionTimer("g", "a")), _coordinator.LastEffects);
        Assert.Equal("3 [t:0,1,2,3]", Show(_coordinator.Keep("b", 2)));
        Assert.False(_coordinator.Ring(timer));
    }

    [Fact]
    public void Who_has_given_up_has_no_timer_any_more()
    {
        _coordinator.Join("a", "t");
        _coordinator.Join("b", "t");
        _coordinator.Keep("a", 1);
        _coordinator.Keep("a", 1, "t:0,1");
        Assert.Contains(new StopTimer(new RevocationTimer("g", "a", 1)), _coordinator.LastEffects);
    }

    [Fact]
    public void Who_is_silent_for_a_session_is_taken_out()
    {
        _coordinator.Join("a", "t");
        Assert.True(_coordinator.Ring(new SessionTimer("g", "a")));
        Assert.False(_coordinator.Ring(new SessionTimer("g", "a")));
        Assert.Equal("UnknownMemberId: Member a is not a member of group g.", Show(_coordinator.Keep("a", 1)));
    }

    [Fact]
    public void Timers_are_set_again_when_a_group_is_loaded()
    {
        _coordinator.Join("a", "t");
        _coordinator.Join("b", "t");
        _coordinator.Keep("a", 1);
        Assert.Equal(
            [
                new SetTimer(new SessionTimer("g", "a"), TimeSpan.FromSeconds(45)),
                new SetTimer(new RevocationTimer("g", "a", 1), TimeSpan.FromSeconds(60)),
                new SetTimer(new SessionTimer("g", "b"), TimeSpan.FromSeconds(45)),
            ],
            ConsumerTimers.AfterLoad(_coordinator.Group, _coordinator.Config));
    }

    [Fact]
    public void The_assignor_that_most_members_ask_for_is_used()
    {
        var request = Joining("a", "t,u");
        request.ServerAssignor = "range";
        _coordinator.Beat(request);
        request = Joining("b", "t,u");
        _coordinator.Beat(request);
        Assert.Equal("1 [t:0,1 u:0]", Show(_coordinator.Keep("a", 1)));
        Assert.Equal("range", DescribeConsumerGroup.Describe(
            _coordinator.Group, _coordinator.Cluster, _coordinator.Rules.Assignors).AssignorName);
    }

    [Fact]
    public void Members_before_version_1_are_given_their_ids()
    {
        var answer = _coordinator.Beat(Joining("", "t"), version: 0);
        Assert.Equal(("made1", 1), (answer.MemberId, answer.MemberEpoch));
    }

    [Fact]
    public void A_full_group_takes_no_more()
    {
        _coordinator.Config = _coordinator.Config with { MaxSize = 1 };
        _coordinator.Join("a", "t");
        Assert.Equal(
            "GroupMaxSizeReached: The consumer group has reached its maximum capacity of 1 members.",
            Show(_coordinator.Join("b", "t")));
        Assert.Equal("1", Show(_coordinator.Keep("a", 1)));
    }

    [Fact]
    public void A_member_in_a_state_of_later_versions_begins_anew()
    {
        _coordinator.Join("a", "t");
        _coordinator.Membership = _coordinator.Group.Apply(new(
            new ConsumerGroupCurrentMemberAssignmentKey { GroupId = "g", MemberId = "a" },
            new ConsumerGroupCurrentMemberAssignmentValue { MemberEpoch = 1, PreviousMemberEpoch = 1, State = 9 }));
        Assert.StartsWith("FencedMemberEpoch", Show(_coordinator.Keep("a", 1)));
        Assert.Empty(_coordinator.LastRecords);
        Assert.Equal("1 [t:0,1,2,3]", Show(_coordinator.Keep("a", 1, "")));
    }
}
