using System.Diagnostics;
using System.Globalization;
using Barnabas.Client;

namespace Barnabas.Bench.Load;

/// <summary>Transactions of the managed client: one after the other by each of a few producers, and a copier
/// that takes a group's positions along.</summary>
internal static class TransactionLoad
{
    private static readonly byte[] Value = [.. Enumerable.Repeat((byte)'v', 100)];

    /// <summary>Commits transactions of so many records each, and prints what that took as one line of
    /// JSON.</summary>
    /// <param name="server">The broker's address.</param>
    /// <param name="topic">Where the records go.</param>
    /// <param name="producers">How many producers work at the same time.</param>
    /// <param name="transactions">How many transactions each commits.</param>
    /// <param name="records">How many records each transaction has.</param>
    public static async Task RunAsync(string server, string topic, int producers, int transactions, int records)
    {
        await using var client = new KafkaClient(server);
        var all = Enumerable.Range(0, producers)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"load-{i}"))
            .Select(id => client.CreateRawTransactionalProducer(id)).ToList();
        foreach (var producer in all)
            await CommitAsync(producer, topic, 1);
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(all.Select(producer => CommitAllAsync(producer, topic, transactions, records)));
        var seconds = clock.Elapsed.TotalSeconds;
        var committed = (double)producers * transactions;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"transactions": {{committed / seconds:F1}}, "records": {{committed * records / seconds:F0}}}"""));
        foreach (var producer in all)
            await producer.DisposeAsync();
    }

    /// <summary>Copies a topic into another, each record once and marked, until it is killed: the place it has
    /// read up to is part of the transaction that writes.</summary>
    /// <param name="server">The broker's address.</param>
    /// <param name="source">What is read.</param>
    /// <param name="target">Where the copy goes, partition by partition.</param>
    /// <param name="name">The group, and the transactional id.</param>
    public static async Task CopyAsync(string server, string source, string target, string name)
    {
        await using var client = new KafkaClient(server);
        await using var consumer = client.CreateRawConsumer(new ConsumerOptions(name, source)
        {
            InstanceId = name,
            Protocol = GroupProtocol.Classic,
            SessionTimeout = TimeSpan.FromSeconds(6),
            HeartbeatInterval = TimeSpan.FromSeconds(2),
            AutoCommit = false,
            Reading = new() { OffsetReset = OffsetReset.Earliest },
        });
        await using var producer = client.CreateRawTransactionalProducer(
            name, new() { TransactionTimeout = TimeSpan.FromSeconds(10) });
        await producer.InitializeAsync();
        await foreach (var records in consumer.ReadAllAsync())
        {
            try
            {
                await using var transaction = await producer.BeginAsync();
                await CopyAsync(records, transaction, target);
                await transaction.SendOffsetsAsync(consumer);
                await transaction.CommitAsync();
            }
            catch (KafkaException fault) when (!fault.IsFatal)
            {
                await Console.Error.WriteLineAsync(fault.Message);
                await consumer.RewindAsync();
            }
        }
    }

    private static async Task CopyAsync(FetchedRecords records, RawTransaction transaction, string target)
    {
        var copies = new List<byte[]>();
        foreach (var record in records)
            copies.Add([.. "copied "u8, .. record.Value.Span]);
        foreach (var copy in copies)
        {
            while (!transaction.TryEnqueue(target, records.Partition.Partition, null, default, copy))
                await transaction.ReadyAsync(target, copy.Length);
        }
    }

    private static async Task CommitAllAsync(
        RawTransactionalProducer producer, string topic, int transactions, int records)
    {
        for (var i = 0; i < transactions; i++)
            await CommitAsync(producer, topic, records);
    }

    private static async Task CommitAsync(RawTransactionalProducer producer, string topic, int records)
    {
        await using var transaction = await producer.BeginAsync();
        for (var i = 0; i < records; i++)
        {
            while (!transaction.TryEnqueue(topic, null, null, default, Value))
                await transaction.ReadyAsync(topic, Value.Length);
        }

        await transaction.CommitAsync();
    }
}
