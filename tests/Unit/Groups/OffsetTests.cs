using Barnabas.Base;
using Barnabas.Groups;
using Barnabas.Groups.Offsets;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Groups;

/// <summary>What groups have stored: how it looks, when it ends.</summary>
public sealed class OffsetTests
{
    private const long Day = 24L * 60 * 60 * 1000;
    private readonly GroupStory _story = new();

    [Theory]
    [InlineData("", 0)]
    [InlineData("g1", 42)]
    public void A_group_has_the_partition_that_java_gives_it(string group, int partition) =>
        Assert.Equal(partition, GroupCoordinator.PartitionOf(group, 50));

    [Fact]
    public void An_offset_is_stored_byte_for_byte_as_by_kafka()
    {
        var offset = new CommittedOffset(new(42), new(7), "", 1_700_000_000_000, -1);
        var (key, value) = GroupRecordCodec.Write(offset.ToRecord("g1", new("orders", 0)));
        Assert.Equal("0001000267310006" + "6F7264657273" + "00000000", Convert.ToHexString(key));
        Assert.Equal("0003000000000000002A000000070000" + "0000018BCFE56800", Convert.ToHexString(value!));
    }

    [Fact]
    public void Offsets_of_a_group_without_members_end_when_they_are_old()
    {
        Assert.Equal(ErrorCode.None, _story.Commit("", -1));
        _story.Now += (7 * Day) - 1;
        Assert.Equal(0, Expire());
        _story.Now++;
        Assert.Equal(1, Expire());
        Assert.Equal(0, _story.State.Groups.Count);
        Assert.Equal(0, _story.Replayed.Groups.Count);
    }

    [Fact]
    public void Offsets_count_from_when_the_last_member_left()
    {
        _story.Stable("a");
        _story.Commit("a", 1);
        _story.Now += 6 * Day;
        _story.Leave("a");
        _story.Now += 6 * Day;
        Assert.Equal(0, Expire());
        _story.Now += Day;
        Assert.Equal(1, Expire());
        Assert.Equal(0, _story.Replayed.Groups.Count);
    }

    [Fact]
    public void Offsets_of_topics_that_are_read_never_end_and_are_not_deleted()
    {
        _story.Stable("a");
        _story.Commit("a", 1);
        _story.Commit("a", 1, topic: "given up");
        _story.Now += 30 * Day;
        Assert.Equal(1, Expire());
        var (error, subscribed) = _story.Run(
            DeleteOffsets.Decide(_story.State, GroupStory.Group, [new("orders", 0), new("given up", 0)]));
        Assert.Equal((ErrorCode.None, "orders"), (error, Assert.Single(subscribed)));
        Assert.Equal([new("orders", 0)], _story.State.Find(GroupStory.Group)!.Offsets.Select(o => o.Key));
    }

    [Fact]
    public void Offsets_go_with_their_topic()
    {
        _story.Commit("", -1);
        _story.Commit("", -1, topic: "stays");
        var deleted = _story.Now;
        Assert.Equal(1, _story.Run(ExpireOffsets.Forget(_story.State, new HashSet<string> { "orders" }, deleted)));
        Assert.Equal("stays", Assert.Single(_story.Replayed.Find(GroupStory.Group)!.Offsets).Key.Topic);

        // Another topic of that name has offsets of its own.
        _story.Now++;
        _story.Commit("", -1);
        Assert.Equal(0, _story.Run(ExpireOffsets.Forget(_story.State, new HashSet<string> { "orders" }, deleted)));
    }

    [Fact]
    public void A_group_that_only_stores_offsets_is_empty_and_can_be_deleted()
    {
        _story.Commit("", -1);
        Assert.Equal("Empty", DescribeGroups.Describe(_story.State, GroupStory.Group, 6).GroupState);
        Assert.Equal(ErrorCode.None, _story.Run(DeleteGroups.Decide(_story.State, GroupStory.Group)));
        Assert.Equal("Dead", DescribeGroups.Describe(_story.State, GroupStory.Group, 6).GroupState);
    }

    [Fact]
    public void The_tombstone_of_a_classic_group_leaves_its_offsets()
    {
        _story.Stable("a");
        _story.Commit("a", 1);
        var after = _story.Replayed.Apply(new StoredRecord(new GroupMetadataKey { Group = GroupStory.Group }, null));
        Assert.Null(after.Find(GroupStory.Group)!.Membership);
        Assert.Equal(1, after.Find(GroupStory.Group)!.Offsets.Count);
    }

    private int Expire() => _story.Run(ExpireOffsets.Decide(_story.State, _story.Rules));
}
