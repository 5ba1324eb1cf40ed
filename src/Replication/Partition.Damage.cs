using Barnabas.Base;
using Barnabas.Log;

namespace Barnabas.Replication;

public sealed partial class Partition
{
    /// <summary>A reader has found bytes that are not what was written. Where another replica in sync has the records
    /// this one is given up, leadership included, and gets them anew. From any lane.</summary>
    /// <param name="at">The offset that was read.</param>
    public void FoundDamaged(Offset at) => _lane.Post(() =>
    {
        if (_log is not null && !_host.Has(PlantedBug.DamagedLeaderStays))
            _context.Damaged(this, at);
    });

    /// <summary>The disk refused a reader: nothing in the log directory is trusted any more. From any lane.</summary>
    public void ReadFailed(IOException fault) => _lane.Post(() =>
    {
        if (_log is not null)
            Fail(fault);
    });

    /// <summary>Gives the log up, which is damaged, and closes it. Everybody waiting hears of it.</summary>
    /// <returns>The closed log; null where it was given up before.</returns>
    internal Task<PartitionLog?> GiveUpAsync() => _lane.RunAsync(async () =>
    {
        await SettleAsync();
        var log = Retire(PartitionRole.Offline, ErrorCode.KafkaStorageError);
        await _abandoned;
        return log;
    });
}
