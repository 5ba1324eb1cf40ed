using Barnabas.Base;
using Barnabas.Journal;
using Microsoft.Extensions.Logging;

namespace Barnabas.Transactions;

/// <summary>Tells the partitions of transactions how these ended: each until it knows, or is gone.</summary>
/// <remarks>It is called, and goes on, on the lane of the transaction's shard, and gives up when that is
/// lost.</remarks>
/// <param name="host">The machine.</param>
/// <param name="writer">Writes into partitions.</param>
/// <param name="complete">Called when all partitions of a transaction know.</param>
internal sealed partial class MarkerSender(
    Host host, IMarkerWriter writer, Action<Shard<TransactionsState, TransactionRecord>, Transaction> complete)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private readonly ILogger _log = host.Log.CreateLogger("Barnabas.Transactions.MarkerSender");

    /// <summary>Begins to tell the partitions of a transaction whose verdict is written.</summary>
    public async void Send(Shard<TransactionsState, TransactionRecord> shard, Transaction prepared)
    {
        // All at once; the last one that comes to its end decides what follows.
        var tellings = prepared.Partitions.Select(partition => TellAsync(shard, prepared, partition)).ToList();
        var isDone = true;
        foreach (var telling in tellings)
            isDone &= await telling;
        if (isDone)
            complete(shard, prepared);
    }

    /// <returns>True when the partition knows, or is gone; false when it shall not be told, or not by
    /// us.</returns>
    private async Task<bool> TellAsync(
        Shard<TransactionsState, TransactionRecord> shard, Transaction prepared, TransactionPartition partition)
    {
        var marker = new TransactionMarkerToWrite(
            prepared.ProducerId.Value, EpochOf(prepared), shard.Epoch, prepared.IsCommit, prepared.ClientVersion);
        for (var pause = FirstPause; shard.Check() == ErrorCode.None; pause = Longer(pause))
        {
            switch (await writer.WriteAsync(partition, marker))
            {
                case ErrorCode.None:
                case ErrorCode.UnknownTopicOrPartition:
                // Every transaction has an epoch of its own: whoever knows a later one knows how this one ended.
                case ErrorCode.InvalidProducerEpoch when prepared.ClientVersion >= TransactionRules.BumpingVersion:
                    return true;
                case (ErrorCode.InvalidProducerEpoch or ErrorCode.TransactionCoordinatorFenced) and var error:
                    SayRefused(_log, partition, prepared.Id, error);
                    return false;
                default:
                    await Task.Delay(pause, host.Time);
                    break;
            }
        }

        return false;
    }

    private short EpochOf(Transaction prepared) =>
        host.Has(PlantedBug.MarkerOfOldEpoch) ? (short)(prepared.Epoch - 1) : prepared.Epoch;

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    [LoggerMessage(LogLevel.Warning,
        "{Partition} does not let the transaction of {TransactionalId} end there: {Error}")]
    private static partial void SayRefused(
        ILogger log, TransactionPartition partition, string transactionalId, ErrorCode error);
}
