using Barnabas.Base;
using Barnabas.SimCluster;
using Barnabas.Tests.Simulation.Histories;

namespace Barnabas.Tests.Simulation.Groups;

/// <summary>A member that speaks the classic protocol itself, and is no good one: it sleeps beyond its session and goes
/// on as though nothing had happened, dies, comes back, leaves, and says what is not its to say.</summary>
internal sealed class RawMember(GroupHistory history, int number, string? instance)
{
    private static readonly HashSet<ErrorCode> Explained =
    [
        ErrorCode.RebalanceInProgress, ErrorCode.UnknownMemberId, ErrorCode.IllegalGeneration,
        ErrorCode.FencedInstanceId, ErrorCode.NotCoordinator, ErrorCode.CoordinatorLoadInProgress,
        ErrorCode.CoordinatorNotAvailable,
    ];

    private readonly RandomSource _chance = history.NewChance(number);
    private readonly Link _link = new(history.World);
    private readonly Dictionary<int, long> _positions = [];
    private GroupWire _wire = null!;
    private string _id = "";
    private int _generation = -1;
    private bool _isIn;

    private string Name => instance ?? _id;

    private GroupLedger Ledger => history.Readers;

    /// <summary>Goes on until the group has come to the end of the topic.</summary>
    public async Task RunAsync()
    {
        var topic = await history.WorkAsync();
        _wire = new GroupWire(_link, GroupHistory.ReadersName, topic, history.Assignor);
        while (!history.IsRead)
        {
            if (await JoinAsync())
                await StayAsync(topic);
            await PauseAsync(300);
        }

        if (_id.Length > 0)
            await _wire.LeaveAsync(_id, instance);
        await _link.CloseAsync();
    }

    private async Task<bool> JoinAsync()
    {
        _positions.Clear();
        var joined = await _wire.JoinAsync(_id, instance);
        if (joined?.ErrorCode == ErrorCode.MemberIdRequired)
        {
            _id = joined.MemberId;
            joined = await _wire.JoinAsync(_id, instance);
        }

        if (!Went(joined?.ErrorCode))
            return false;
        (_id, _generation) = (joined!.MemberId, joined.GenerationId);
        var synced = await _wire.SyncAsync(joined, instance);
        if (!Went(synced?.ErrorCode))
            return false;
        foreach (var partition in GroupWire.PartitionsOf(synced!.Assignment))
            Ledger.Own(_generation, partition, Name);
        var floors = history.Floors();
        if (await _wire.FetchAsync() is not { } stored)
            return false;
        foreach (var partition in GroupWire.PartitionsOf(synced.Assignment))
        {
            Ledger.Saw(partition, stored[partition], floors[partition]);
            _positions[partition] = Math.Max(stored[partition], 0);
        }

        return true;
    }

    private async Task StayAsync(HistoryTopic topic)
    {
        _isIn = true;
        while (_isIn && !history.IsRead)
        {
            await PauseAsync(400);
            switch (_chance.Next(history.IsWindingDown ? 84 : 100))
            {
                case < 44:
                    await ReadAsync(topic);
                    break;
                case < 64:
                    await CommitAsync();
                    break;
                case < 84:
                    Judge(await _wire.BeatAsync(_id, instance, _generation));
                    break;
                case < 92:
                    await LieAsync();
                    break;
                case < 96:
                    await PauseAsync(2 * GroupWire.SessionMs);
                    await CommitAsync();
                    break;
                case < 98:
                    await DieAsync();
                    break;
                default:
                    await LeaveAsync();
                    break;
            }
        }
    }

    private async Task ReadAsync(HistoryTopic topic)
    {
        if (_positions.Count == 0)
            return;
        var partition = _positions.Keys.Order().ElementAt(_chance.Next(_positions.Count));
        var at = _positions[partition];
        if (await _wire.ReadAsync(partition, at) is not { ErrorCode: ErrorCode.None } data)
            return;
        foreach (var (offset, value) in StoredBatch.ReadAll(data.Records?.Memory ?? default)
            .SelectMany(static batch => batch.Records).Where(record => record.Offset >= at))
        {
            topic.Partitions[partition].Saw(offset, value);
            Ledger.Handle(partition, offset);
            _positions[partition] = offset + 1;
        }
    }

    private async Task CommitAsync()
    {
        if (_positions.Count == 0)
            return;
        var offsets = _positions.Where(_ => _chance.Next(4) > 0).ToDictionary();
        var floors = history.Floors();
        var answer = await _wire.CommitAsync(_id, instance, _generation, offsets);
        foreach (var (partition, error) in answer ?? [])
        {
            if (error == ErrorCode.None)
                Ledger.Acknowledge(partition, offsets[partition], floors[partition]);
            Judge(error);
        }
    }

    /// <summary>Says what a member may not say: it is refused, whatever the state of the group.</summary>
    private async Task LieAsync()
    {
        var (member, generation) = _chance.Next(3) switch
        {
            0 => (_id, _generation - 1),
            1 => (_id, _generation + 1000),
            _ => ($"{_id}-of-nobody", _generation),
        };
        var offsets = new Dictionary<int, long> { [_chance.Next(Ledger.Partitions)] = _chance.Next(1000) };
        if (_chance.Next(2) == 0)
            Refused(await _wire.BeatAsync(member, null, generation));
        else if (await _wire.CommitAsync(member, null, generation, offsets) is { } answer)
            Refused(answer.Values.Single());

        void Refused(ErrorCode? error)
        {
            // A group that loads takes any sign of life.
            var isLoading = error == ErrorCode.None && history.IsLoading;
            Assert.True(
                error is null || isLoading || Explained.Contains(error.Value),
                $"{member} in generation {generation} was taken for a member: {error}");
        }
    }

    private async Task DieAsync()
    {
        await _link.CloseAsync();
        (_id, _isIn) = ("", false);
        await PauseAsync(2 * GroupWire.SessionMs);
    }

    private async Task LeaveAsync()
    {
        var answer = await _wire.LeaveAsync(_id, instance);
        if (answer is null)
            return;
        (_id, _isIn) = ("", false);
        await PauseAsync(3_000);
    }

    private bool Went(ErrorCode? error)
    {
        _isIn = true;
        Judge(error);
        return error == ErrorCode.None;
    }

    /// <summary>Takes in what an answer means for the membership.</summary>
    private void Judge(ErrorCode? error)
    {
        if (error is null or ErrorCode.None)
            return;
        Assert.True(Explained.Contains(error.Value), $"{Name} was told {error}");
        if (GroupWire.IsElsewhere(error.Value))
            return;
        _isIn = false;
        if (error is ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId)
            _id = "";
    }

    private Task PauseAsync(int mostMs) =>
        Task.Delay(TimeSpan.FromMilliseconds(_chance.Next(mostMs)), history.World);
}
