using Barnabas.Base;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Journal;

public sealed class CoordinatorHostTests
{
    private readonly ShardStory _story = new();

    [Fact]
    public void A_shard_that_nobody_leads_here_is_not_coordinated_here() => _story.Tell(async () =>
    {
        Assert.Equal(ErrorCode.NotCoordinator, _story.Host.Check(0));
        _story.Host.Lead(0, epoch: 1);
        await _story.SettleAsync();
        Assert.Equal(
            (ErrorCode.None, ErrorCode.NotCoordinator), (_story.Host.Check(0), _story.Host.Check(1)));
        _story.Host.Resign(0);
        await _story.SettleAsync();
        Assert.Equal(ErrorCode.NotCoordinator, _story.Host.Check(0));
        Assert.Empty(_story.Host.All);
    });

    [Fact]
    public void The_epoch_that_it_leads_in_already_changes_nothing() => _story.Tell(async () =>
    {
        _story.Host.Lead(0, epoch: 3);
        await _story.SettleAsync();
        var shard = _story.Host.Find(0);
        _story.Host.Lead(0, epoch: 3);
        _story.Host.Lead(0, epoch: 2);
        await _story.SettleAsync();
        Assert.Same(shard, _story.Host.Find(0));
        Assert.Equal([(0, 3)], _story.Opened);
    });

    [Fact]
    public void A_newer_epoch_begins_with_a_shard_of_its_own_and_who_waited_is_told() => _story.Tell(async () =>
    {
        await _story.LeadAsync();
        var waiting = _story.ParkAsync();
        await _story.SettleAsync();
        _story.Host.Lead(0, epoch: 2);
        Assert.Equal("NotCoordinator", await waiting);
        await _story.SettleAsync();
        Assert.Equal([(0, 1), (0, 2)], _story.Opened);
        Assert.Equal(2, _story.Host.Find(0)!.Epoch);
    });

    [Fact]
    public void Who_resigns_while_a_lost_shard_pauses_does_not_load_it_again() => _story.Tell(async () =>
    {
        var journal = await _story.LeadAsync();
        await _story.OnLaneAsync(journal.Refuse);
        _story.Host.Resign(0);
        await Task.Delay(TimeSpan.FromSeconds(3), _story.World);
        Assert.Equal([(0, 1)], _story.Opened);
        Assert.Null(_story.Host.Find(0));
    });

    [Fact]
    public void Who_leads_anew_while_a_lost_shard_pauses_loads_once() => _story.Tell(async () =>
    {
        var journal = await _story.LeadAsync();
        await _story.OnLaneAsync(journal.Refuse);
        _story.Host.Lead(0, epoch: 2);
        await Task.Delay(TimeSpan.FromSeconds(3), _story.World);
        Assert.Equal([(0, 1), (0, 2)], _story.Opened);
        Assert.Equal(ErrorCode.None, _story.Host.Check(0));
    });

    [Fact]
    public void Closed_it_coordinates_nothing_and_takes_nothing_on() => _story.Tell(async () =>
    {
        await _story.LeadAsync();
        var waiting = _story.ParkAsync();
        await _story.SettleAsync();
        await _story.Host.CloseAsync();
        Assert.Equal("NotCoordinator", await waiting);
        _story.Host.Lead(1, epoch: 1);
        await _story.SettleAsync();
        Assert.Empty(_story.Host.All);
    });

    [Fact]
    public void Whatever_is_led_and_resigned_in_whatever_order_the_last_word_stands() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 1 << 16)).ToArbitrary(), Live).QuickCheckThrowOnFailure();

    private static void Live(int[] steps)
    {
        var story = new ShardStory(seed: 5);
        var wanted = new SortedDictionary<int, int>();
        var epoch = 0;
        story.Tell(async () =>
        {
            foreach (var step in steps)
            {
                var index = step % 3;
                if ((step >> 2) % 3 > 0)
                {
                    wanted[index] = ++epoch;
                    story.Host.Lead(index, epoch);
                }
                else
                {
                    wanted.Remove(index);
                    story.Host.Resign(index);
                }

                if ((step >> 4) % 4 == 0)
                    await story.SettleAsync();
            }

            await story.SettleAsync();
        });
        Assert.Equal(wanted.Select(w => (w.Key, w.Value)), story.Host.All.Select(s => (s.Index, s.Epoch)));
        Assert.All(story.Host.All, shard => Assert.Equal(ErrorCode.None, shard.Check()));
    }
}
