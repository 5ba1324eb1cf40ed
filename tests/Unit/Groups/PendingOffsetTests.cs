using Barnabas.Base;
using Barnabas.Groups;
using Barnabas.Groups.Offsets;

namespace Barnabas.Tests.Unit.Groups;

/// <summary>Offsets that count once their transaction is committed.</summary>
public sealed class PendingOffsetTests
{
    private static readonly TopicPartition Orders = new("orders", 0);
    private readonly GroupStory _story = new();

    [Fact]
    public void They_count_when_their_transaction_is_committed_and_never_when_it_is_aborted()
    {
        Assert.Equal(ErrorCode.None, Store(1, 5));
        Assert.Equal(ErrorCode.None, Store(2, 6, "others"));
        Assert.Equal(0, Group!.Offsets.Count);
        Assert.Equal(2, Group.Pending.Count);

        End(2, isCommit: false);
        Assert.Equal([Orders], Group!.Pending.Select(p => p.Key));
        End(1, isCommit: true);

        Assert.Equal(5, Committed);
        Assert.Equal(0, Group!.Pending.Count);
        Assert.Equal(0, _story.State.Open.Count);
        Assert.Equal(5, _story.Replayed.Find(GroupStory.Group)!.Offsets[Orders].Offset.Value);
    }

    [Fact]
    public void A_group_that_had_nothing_else_is_gone_when_its_transaction_is_aborted()
    {
        Store(1, 5);
        End(1, isCommit: false);
        Assert.Null(Group);
        Assert.Null(_story.Replayed.Find(GroupStory.Group));
    }

    [Fact]
    public void What_was_written_last_counts_whatever_was_decided_last()
    {
        Store(1, 5);
        Assert.Equal(ErrorCode.None, _story.Commit("", -1, 8));
        Assert.True(Group!.Pending.ContainsKey(Orders));
        End(1, isCommit: true);
        Assert.Equal(8, Committed);

        Store(1, 10);
        Store(2, 20);
        End(2, isCommit: true);
        Assert.Equal(20, Committed);
        End(1, isCommit: true);
        Assert.Equal(20, Committed);

        Store(1, 30);
        Store(2, 40);
        Store(1, 31);
        End(2, isCommit: true);
        Assert.Equal(40, Committed);
        End(1, isCommit: true);
        Assert.Equal(31, Committed);
    }

    [Fact]
    public void Deletion_takes_what_is_pending_with_it()
    {
        Store(1, 5);
        var (error, _) = _story.Run(DeleteOffsets.Decide(_story.State, GroupStory.Group, [Orders, new("none", 0)]));
        Assert.Equal(ErrorCode.None, error);
        End(1, isCommit: true);
        Assert.Null(Group);

        Store(1, 6);
        Assert.Equal(ErrorCode.None, _story.Run(DeleteGroups.Decide(_story.State, GroupStory.Group)));
        End(1, isCommit: true);
        Assert.Null(Group);
    }

    [Fact]
    public void An_old_offset_stays_while_another_is_pending()
    {
        _story.Commit("", -1, 3);
        Store(1, 5, "others");
        Store(2, 4);
        _story.Now += 1L << 40;
        Assert.Equal(0, _story.Run(ExpireOffsets.Decide(_story.State, _story.Rules)));
        Assert.Equal(3, Committed);
        End(2, isCommit: false);
        Assert.Equal(1, _story.Run(ExpireOffsets.Decide(_story.State, _story.Rules)));
        Assert.Equal(1, Group!.Pending.Count);
    }

    [Theory]
    [InlineData("", -1, ErrorCode.None)]
    [InlineData("a", 1, ErrorCode.None)]
    [InlineData("a", 0, ErrorCode.IllegalGeneration)]
    [InlineData("a", -1, ErrorCode.IllegalGeneration)]
    [InlineData("b", 1, ErrorCode.UnknownMemberId)]
    [InlineData("", 1, ErrorCode.UnknownMemberId)]
    public void Who_says_who_it_is_is_fenced_by_it(string member, int generation, ErrorCode expected)
    {
        _story.Stable("a");
        Assert.Equal(expected, Store(1, 5, member: member, generation: generation));
    }

    [Fact]
    public void A_generation_of_a_group_that_is_not_there_is_none()
    {
        Assert.Equal(ErrorCode.IllegalGeneration, Store(1, 5, generation: 1));
        Assert.Equal(ErrorCode.None, Store(1, 5));
    }

    private Group? Group => _story.State.Find(GroupStory.Group);

    private long Committed => Group!.Offsets[Orders].Offset.Value;

    private ErrorCode Store(
        long producer, long offset, string topic = "orders", string member = "", int generation = -1)
    {
        var command = new CommitCommand(
            GroupStory.Group, member, null, generation, 5,
            [new(new(topic, 0), new(new Offset(offset), LeaderEpoch.None, "", _story.Now, -1))]);
        return _story.Run(CommitTransactionalOffsets.Decide(_story.State, command, new(producer), 0));
    }

    private void End(long producer, bool isCommit) => _story.Run<ErrorCode>(new(
        ErrorCode.None, [new TransactionEnded(new(producer), 1, 0, isCommit)]));
}
