using Barnabas.Base;
using Barnabas.Base.Real;
using Barnabas.Client;
using Barnabas.Rpc;
using Barnabas.Wire.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Tests.Nemesis.Servers;

/// <summary>Finds out which broker has which office just now. Asked in the middle of trouble nobody may know.</summary>
internal sealed class Roles(Cluster cluster, KafkaClient client)
{
    private const short QuorumVersion = 1;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private readonly Host _host = RealHost.Create(NullLoggerFactory.Instance);

    /// <summary>The leader of a partition.</summary>
    public Task<BrokerProcess?> LeaderAsync(string topic, int partition) => AskAsync(async () =>
    {
        var told = await client.Admin.DescribeTopicsAsync([topic]);
        return told[0]?.Partitions[partition].Leader;
    });

    /// <summary>The controller: whoever leads the metadata log.</summary>
    public async Task<BrokerProcess?> ControllerAsync()
    {
        foreach (var broker in cluster.Brokers.Where(static broker => broker.IsRunning))
        {
            if (await AskAsync(() => LeaderOfMetadataAsync(broker)) is { } controller)
                return controller;
        }

        return null;
    }

    /// <summary>The coordinator of a group.</summary>
    public Task<BrokerProcess?> CoordinatorOfGroupAsync(string group) => AskAsync(async () =>
        (await client.Admin.DescribeGroupAsync(group))?.Coordinator.Id);

    /// <summary>The coordinator of a transactional id.</summary>
    public Task<BrokerProcess?> CoordinatorOfTransactionsAsync(string id) => AskAsync(async () =>
        (await client.Admin.DescribeTransactionAsync(id))?.Coordinator);

    private async Task<BrokerId?> LeaderOfMetadataAsync(BrokerProcess broker)
    {
        var at = broker.Address.IndexOf(':', StringComparison.Ordinal);
        var port = int.Parse(broker.Address[(at + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        await using var peer = await Peer.DialAsync(_host, broker.Address[..at], port, new PeerOptions());
        var answer = await peer.SendAsync(
            new DescribeQuorumRequest
            {
                Topics = [new() { TopicName = "__cluster_metadata", Partitions = [new() { PartitionIndex = 0 }] }],
            },
            QuorumVersion, Limit);
        return answer.Topics[0].Partitions[0].LeaderId;
    }

    private async Task<BrokerProcess?> AskAsync(Func<Task<BrokerId?>> ask)
    {
        try
        {
            var id = await ask().WaitAsync(Limit);
            return cluster.Brokers.FirstOrDefault(broker => broker.BrokerId == id?.Value);
        }
        catch (Exception fault) when (fault is KafkaException or IOException or TimeoutException)
        {
            return null;
        }
    }
}
