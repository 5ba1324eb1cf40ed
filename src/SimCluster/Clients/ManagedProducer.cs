using System.Text;
using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Records;
using Barnabas.Sim;

namespace Barnabas.SimCluster;

/// <summary>Our own client as a producer: it retries by itself, and its word is held to like the broker's.</summary>
/// <param name="history">The history.</param>
/// <param name="made">Its topic, once it is there.</param>
/// <param name="number">Its number among the participants.</param>
/// <param name="topicName">The topic, which is its own to write to.</param>
/// <param name="partitions">How many partitions that has.</param>
internal sealed class ManagedProducer(
    IHistory history, Func<Task<HistoryTopic>> made, int number, string topicName = "managed", int partitions = 2)
{
    private readonly RandomSource _chance = history.NewChance(number);

    /// <summary>Sends until the history winds down, and then until every record has a fate.</summary>
    public async Task RunAsync()
    {
        var topic = await made();
        var options = new KafkaClientOptions
        {
            BootstrapServers = [.. history.Bootstrap],
            AllowAutoCreateTopics = false,
        };
        await using var client = new KafkaClient(options, history.World.NewHost(new SimDisk(0)));
        var producing = new ProducerOptions
        {
            Linger = TimeSpan.FromMilliseconds(_chance.Next(20)),
            BatchSize = 500,
            Compression = (CompressionCodec)_chance.Next(2),
        };
        await using var producer = client.CreateRawProducer(producing);
        for (var i = 0; !history.IsWindingDown; i++)
        {
            for (var burst = _chance.Next(6); burst > 0; burst--)
                await SendAsync(producer, topic, $"managed/{i}/{burst}");
            await Task.Delay(TimeSpan.FromMilliseconds(_chance.Next(500)), history.World);
        }

        await producer.FlushAsync();
    }

    private async Task SendAsync(RawProducer producer, HistoryTopic topic, string value)
    {
        var partition = _chance.Next(partitions);
        var ledger = topic.Partitions[partition];
        ledger.Send(value);
        var bytes = Encoding.UTF8.GetBytes(value);
        while (!producer.TryEnqueue(topicName, partition, null, NullableBytes.Null, bytes, default, Done))
            await producer.ReadyAsync(topicName, bytes.Length);

        void Done(DeliveryReport report)
        {
            if (report.Failure is null)
                ledger.Acknowledge(value, report.Record.Offset.Value);
            else if (!report.Failure.MayHaveBeenApplied)
                ledger.Refuse(value);
        }
    }
}
