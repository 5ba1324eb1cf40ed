using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Log;
using Barnabas.Replication;
using Barnabas.Transactions;

namespace Barnabas.Server.Transactions;

/// <summary>Makes sure that a transaction is open, and knows of a partition, before anything of it is written there
/// (KIP-890).</summary>
/// <remarks>Where the transaction is open in the log already, nobody is asked. From any lane.</remarks>
/// <param name="time">The clock.</param>
/// <param name="config">The configs as they stand.</param>
/// <param name="add">Asks the coordinator.</param>
public sealed class TransactionVerifier(TimeProvider time, Func<VerificationConfig> config, AddToTransaction add)
{
    /// <summary>Asks about partitions, which for clients that leave it to us become part of the transaction.</summary>
    /// <param name="who">Whose transaction it is.</param>
    /// <param name="partitions">The partitions, and the sequence of the first record that waits for each; null where
    /// sequences do not matter.</param>
    /// <returns>For each partition, in order, its guard; or INVALID_TXN_STATE, TRANSACTION_ABORTABLE,
    /// INVALID_PRODUCER_EPOCH, INVALID_PRODUCER_ID_MAPPING, CONCURRENT_TRANSACTIONS, NOT_LEADER_OR_FOLLOWER,
    /// KAFKA_STORAGE_ERROR, or what says that the coordinator cannot be asked.</returns>
    public async Task<IReadOnlyList<Verified>> VerifyAsync(
        TransactionalProducer who, IReadOnlyList<(Partition Partition, int? Sequence)> partitions)
    {
        var terms = config();
        if (!terms.IsEnabled)
            return [.. partitions.Select(_ => new Verified(ErrorCode.None, VerificationGuard.Waived))];
        var begun = time.GetTimestamp();
        while (true)
        {
            var verified = await AskAsync(who, partitions);
            // A client that gets a new epoch goes on while the markers of its last transaction are under way: to have
            // it ask again would cost more than to wait for them.
            if (who.Support != TransactionSupport.AddsImplicitly
                || time.GetElapsedTime(begun) >= terms.RetryTime
                || !verified.Any(v => v.Error == ErrorCode.ConcurrentTransactions))
            {
                return verified;
            }

            using var pause = new Waiter(time, terms.RetryBackoff);
            await pause.Woken;
        }
    }

    private async Task<Verified[]> AskAsync(
        TransactionalProducer who, IReadOnlyList<(Partition Partition, int? Sequence)> partitions)
    {
        var verified = new Verified[partitions.Count];
        var asked = new List<int>();
        for (var i = 0; i < verified.Length; i++)
        {
            var (partition, sequence) = partitions[i];
            var (error, guard) = await partition.BeginVerificationAsync(
                who.Id, who.Epoch, sequence, who.Support == TransactionSupport.AddsImplicitly);
            verified[i] = new(error, guard);
            if (error == ErrorCode.None && guard != VerificationGuard.None)
                asked.Add(i);
        }

        if (asked.Count == 0)
            return verified;
        var errors = await add(
            who.TransactionalId, who.Id.Value, who.Epoch, [.. asked.Select(i => NameOf(partitions[i].Partition))],
            who.Support != TransactionSupport.AddsImplicitly);
        for (var i = 0; i < asked.Count; i++)
        {
            ref var one = ref verified[asked[i]];
            one = one with { Error = Translate(errors[i], who.Support) };
        }

        return verified;
    }

    private static TransactionPartition NameOf(Partition partition) =>
        new(partition.View.Name.Topic, partition.View.Name.Partition);

    // What the coordinator says to another broker, in words that producers know.
    private static ErrorCode Translate(ErrorCode error, TransactionSupport support) => error switch
    {
        ErrorCode.ProducerFenced => ErrorCode.InvalidProducerEpoch,
        ErrorCode.TransactionAbortable when support == TransactionSupport.Plain => ErrorCode.InvalidTxnState,
        _ => error,
    };
}

/// <summary>Asks a transaction's coordinator whether partitions are part of it, or makes them so.</summary>
/// <param name="transactionalId">The transaction's id.</param>
/// <param name="producerId">The producer.</param>
/// <param name="producerEpoch">Its epoch.</param>
/// <param name="partitions">The partitions.</param>
/// <param name="verifyOnly">True to ask alone.</param>
/// <returns>An error for each partition, in order.</returns>
public delegate Task<IReadOnlyList<ErrorCode>> AddToTransaction(
    string transactionalId, long producerId, short producerEpoch, IReadOnlyList<TransactionPartition> partitions,
    bool verifyOnly);

/// <summary>A producer that writes in a transaction.</summary>
/// <param name="TransactionalId">Its transactional id.</param>
/// <param name="Id">Its producer id.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Support">What it knows of transactions.</param>
public readonly record struct TransactionalProducer(
    string TransactionalId, ProducerId Id, short Epoch, TransactionSupport Support);

/// <summary>What came of asking about one partition.</summary>
/// <param name="Error">None where the producer may write.</param>
/// <param name="Guard">What its batch has to show.</param>
public readonly record struct Verified(ErrorCode Error, VerificationGuard Guard);
