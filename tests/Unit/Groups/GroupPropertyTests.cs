using Barnabas.Base;
using Barnabas.Groups.Classic;
using Barnabas.Journal;
using Barnabas.Wire.Messages;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Groups;

/// <summary>Members that come, go, stall and repeat themselves in any order.</summary>
public sealed class GroupPropertyTests
{
    [Fact]
    public void Whatever_members_do_a_share_has_one_owner_a_generation_and_a_replay_gives_what_was_kept() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 1 << 20)).ToArbitrary(), Live).QuickCheckThrowOnFailure();

    private static void Live(int[] steps)
    {
        var story = new GroupStory();
        var names = new List<string>();
        var shares = new Dictionary<(int Generation, string Share), string>();
        var asked = new Dictionary<Ticket, (string Member, int Generation)>();
        var kept = new Dictionary<string, long>();
        foreach (var step in steps)
        {
            Step(story, names, asked, kept, step);
            foreach (var (ticket, answer) in story.Answers)
            {
                if (answer is not SyncGroupResponse { ErrorCode: ErrorCode.None, Assignment.IsEmpty: false } sync
                    || !asked.TryGetValue(ticket, out var who))
                {
                    continue;
                }

                var share = Convert.ToHexString(sync.Assignment.Span);
                shares.TryAdd((who.Generation, share), who.Member);
                Assert.Equal(who.Member, shares[(who.Generation, share)]);
            }

            Check(story, kept);
        }
    }

    private static void Step(
        GroupStory story, List<string> names, Dictionary<Ticket, (string, int)> asked, Dictionary<string, long> kept,
        int step)
    {
        var name = names.Count == 0 ? "nobody" : names[(step >> 4) % names.Count];
        var group = story.Classic;
        story.Now += step % 1000;
        switch (step % 9)
        {
            case 0:
                names.Add($"m{names.Count}");
                story.Join(newId: names[^1], version: (short)((step & 64) == 0 ? 3 : 9));
                break;
            case 1:
                story.Join(name, topic: (step & 64) == 0 ? "orders" : "others");
                break;
            case 2 or 3 when group is not null:
                (string, byte[])[] shares = group.Leader == name
                    ? [.. group.Members.Select(m => (m.Key, GroupStory.Share(m.Key)))]
                    : [];
                asked[story.Sync(name, null, shares)] = (name, group.Generation);
                break;
            case 4:
                story.Leave(name);
                break;
            case 5 when story.Timers.Count > 0:
                var timers = story.Timers.Keys.OrderBy(k => k.ToString(), StringComparer.Ordinal).ToList();
                story.Ring(timers[(step >> 4) % timers.Count]);
                break;
            case 6 or 7 when group is not null:
                if (story.Commit(name, group.Generation, step) == ErrorCode.None)
                    kept["orders"] = step;
                break;
            default:
                story.Beat(name);
                break;
        }
    }

    private static void Check(GroupStory story, Dictionary<string, long> kept)
    {
        if (story.Classic is { } group)
        {
            Assert.Equal(group.Members.Count(m => m.Value.Joining is not null), group.Joining);
            if (group.State != ClassicState.PreparingRebalance)
                Assert.Equal(group.State == ClassicState.Empty, group.Members.Count == 0);
            Assert.True(group.Members.Count == 0 || group.Find(group.Leader!) is not null, "the leader is a member");
            Assert.All(group.Unsynced, m => Assert.NotNull(group.Find(m.Key)));
            foreach (var (name, count) in group.Supporters)
                Assert.Equal(count, group.Members.Count(m => m.Value.Protocols.Any(p => p.Name == name)));
        }

        var replayed = story.Replayed.Find(GroupStory.Group);
        var live = story.State.Find(GroupStory.Group);
        foreach (var (topic, offset) in kept)
            Assert.Equal(offset, replayed!.Offsets[new(topic, 0)].Offset.Value);
        if (live?.Membership is not ClassicGroup { Generation: > 0 } now
            || now.State is ClassicState.PreparingRebalance or ClassicState.CompletingRebalance)
        {
            return;
        }

        var then = Assert.IsType<ClassicGroup>(replayed?.Membership);
        Assert.Equal((now.State, now.Generation, now.Protocol, now.Leader, now.StateSince),
            (then.State, then.Generation, then.Protocol, then.Leader, then.StateSince));
        Assert.Equal(now.Members.Select(m => (m.Key, Convert.ToHexString(m.Value.Assignment.Span))).ToList(),
            then.Members.Select(m => (m.Key, Convert.ToHexString(m.Value.Assignment.Span))).ToList());
    }
}
