using Barnabas.Base;
using Barnabas.Log;

namespace Barnabas.Tests.Unit.Log;

public sealed class EpochHistoryTests
{
    private static readonly EpochHistory History = Of((2, 10), (5, 20), (6, 20), (9, 50));

    [Theory]
    [InlineData(1, 1, 10)]
    [InlineData(2, 2, 20)]
    [InlineData(3, 2, 20)]
    [InlineData(6, 6, 50)]
    [InlineData(8, 6, 50)]
    [InlineData(9, 9, 70)]
    public void An_epoch_ends_where_the_next_begins(int asked, int epoch, long end) =>
        Assert.Equal((new LeaderEpoch(epoch), new Offset(end)), History.EndOf(new(asked), new(70)));

    [Theory]
    [InlineData(70, 90, 70)]
    [InlineData(70, 65, 65)]
    [InlineData(70, 30, 30)]
    public void Logs_of_the_same_epochs_agree_up_to_the_shorter(long end, long otherEnd, long agreed)
    {
        var other = History.TruncateFromEnd(new(otherEnd));
        Assert.Equal(new Offset(agreed), History.AgreesUpTo(new(end), other, new(otherEnd)));
        Assert.Equal(new Offset(agreed), other.AgreesUpTo(new(otherEnd), History, new(end)));
    }

    [Fact]
    public void Logs_part_where_one_went_on_in_another_epoch()
    {
        // Both had epoch 6 to 40; one lost what came then and goes on in epoch 7.
        var other = Of((2, 10), (6, 20), (7, 40));
        Assert.Equal(new Offset(40), History.AgreesUpTo(new(70), other, new(60)));
        Assert.Equal(new Offset(40), other.AgreesUpTo(new(60), History, new(70)));
        Assert.Equal(new Offset(10), Of((1, 10), (3, 40)).AgreesUpTo(new(50), Of((2, 10)), new(50)));
        Assert.Equal(new Offset(50), EpochHistory.Empty.AgreesUpTo(new(50), History, new(70)));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-1)]
    public void An_epoch_above_all_is_unknown(int asked) => Assert.Null(History.EndOf(new(asked), new(70)));

    [Fact]
    public void An_epoch_without_records_gives_way() =>
        Assert.Equal(Of((2, 10), (6, 20), (9, 50)).Entries, History.Entries);

    [Fact]
    public void Known_and_older_epochs_change_nothing()
    {
        Assert.Same(History, History.With(new(9), new(60)));
        Assert.Same(History, History.With(new(7), new(60)));
        Assert.Same(History, History.With(LeaderEpoch.None, new(60)));
    }

    [Fact]
    public void Cutting_the_end_drops_epochs_that_begin_there()
    {
        Assert.Equal(Of((2, 10), (6, 20)).Entries, History.TruncateFromEnd(new(50)).Entries);
        Assert.Same(History, History.TruncateFromEnd(new(51)));
    }

    [Fact]
    public void Cutting_the_start_keeps_the_epoch_in_force()
    {
        Assert.Equal(Of((6, 30), (9, 50)).Entries, History.TruncateFromStart(new(30)).Entries);
        Assert.Equal(Of((6, 20), (9, 50)).Entries, History.TruncateFromStart(new(20)).Entries);
        Assert.Same(History, History.TruncateFromStart(new(10)));
    }

    [Fact]
    public void Offsets_know_their_epoch()
    {
        Assert.Equal(LeaderEpoch.None, History.EpochOf(new(9)));
        Assert.Equal(new LeaderEpoch(2), History.EpochOf(new(19)));
        Assert.Equal(new LeaderEpoch(9), History.EpochOf(new(1000)));
    }

    private static EpochHistory Of(params (int Epoch, long Start)[] entries) => entries.Aggregate(
        EpochHistory.Empty, (history, entry) => history.With(new(entry.Epoch), new(entry.Start)));
}
