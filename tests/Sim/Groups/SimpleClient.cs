using Barnabas.Base;
using Barnabas.SimCluster;
using Barnabas.Tests.Simulation.Histories;

namespace Barnabas.Tests.Simulation.Groups;

/// <summary>Somebody who keeps offsets in a group without members, beside others who do the same: sets, deletes and
/// reads them.</summary>
internal sealed class SimpleClient(GroupHistory history, int number)
{
    private readonly RandomSource _chance = history.NewChance(number);
    private readonly Link _link = new(history.World);
    private GroupWire _wire = null!;

    /// <summary>Goes on until the history winds down.</summary>
    public async Task RunAsync()
    {
        var topic = await history.WorkAsync();
        _wire = new GroupWire(_link, GroupHistory.KeeperName, topic, history.Assignor, writesNotes: true);
        while (!history.IsWindingDown)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(_chance.Next(1_500)), history.World);
            var partition = _chance.Next(topic.Partitions.Count);
            switch (_chance.Next(8))
            {
                case < 4:
                    await SetAsync(partition);
                    break;
                case 4:
                    await DeleteAsync(partition);
                    break;
                default:
                    await LookAsync(history, _wire);
                    break;
            }
        }

        await _link.CloseAsync();
    }

    /// <summary>Reads all offsets, once they can be read, and holds them against what is known.</summary>
    public static async Task CheckAsync(GroupHistory history, HistoryTopic topic)
    {
        var link = new Link(history.World);
        var wire = new GroupWire(link, GroupHistory.KeeperName, topic, history.Assignor, writesNotes: true);
        while (!await LookAsync(history, wire))
            await Task.Delay(TimeSpan.FromMilliseconds(50), history.World);
        await link.CloseAsync();
    }

    private static async Task<bool> LookAsync(GroupHistory history, GroupWire wire)
    {
        var asked = history.Kept.Select(static register => register.Ask()).ToList();
        var found = await wire.FetchAsync();
        for (var i = 0; i < asked.Count; i++)
            history.Kept[i].Saw(asked[i], found?[i]);
        return found is not null;
    }

    private async Task SetAsync(int partition)
    {
        var value = history.NextValue();
        var sent = history.Kept[partition].Send(value);
        var answer = await _wire.CommitAsync("", null, -1, [new(partition, value)]);
        history.Kept[partition].End(sent, OutcomeOf(answer?[partition]));
    }

    private async Task DeleteAsync(int partition)
    {
        var sent = history.Kept[partition].Send(OffsetRegister.Nothing);
        var error = await _wire.DeleteAsync(partition);
        // A group of which nothing is stored has nothing to delete.
        history.Kept[partition].End(sent, error == ErrorCode.GroupIdNotFound ? false : OutcomeOf(error));
    }

    private static bool? OutcomeOf(ErrorCode? error)
    {
        Assert.True(
            error is null or ErrorCode.None || GroupWire.IsElsewhere(error.Value), $"a simple commit got {error}");
        return error switch
        {
            ErrorCode.None => true,
            ErrorCode.CoordinatorLoadInProgress => false,
            _ => null,
        };
    }
}
