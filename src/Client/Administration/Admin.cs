using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>Topics, configs and the cluster itself. Safe to use from several threads at once.</summary>
public sealed partial class Admin
{
    private readonly ClientCore _core;

    internal Admin(ClientCore core) => _core = core;

    /// <summary>The cluster: its id, its brokers, its controller.</summary>
    /// <exception cref="KafkaException">It did not answer.</exception>
    public Task<ClusterDescription> DescribeClusterAsync(CancellationToken stop = default) => RunAsync(
        async deadline =>
        {
            var answer = await MetadataCall.AskAsync(_core, [], mayCreate: true, deadline);
            var brokers = answer.Brokers.OrderBy(b => b.NodeId)
                .Select(b => new BrokerAddress(b.NodeId, b.Host, b.Port, b.Rack));
            return new ClusterDescription(answer.ClusterId, answer.ControllerId, [.. brokers]);
        },
        stop);

    /// <summary>The APIs a broker serves, and in which versions.</summary>
    /// <exception cref="KafkaException">It did not answer.</exception>
    public Task<IReadOnlyList<ServedApi>> DescribeApisAsync(BrokerId broker, CancellationToken stop = default) =>
        RunAsync<IReadOnlyList<ServedApi>>(
            async deadline =>
            {
                await _core.Metadata.RefreshAsync(deadline);
                var answer = await _core.CallBrokerAsync(broker, new ApiVersionsRequest
                {
                    ClientSoftwareName = _core.PeerOptions.SoftwareName,
                    ClientSoftwareVersion = _core.PeerOptions.SoftwareVersion,
                }, deadline);
                return
                [
                    .. answer.ApiKeys.Select(a => new ServedApi((Wire.ApiKey)a.ApiKey, a.MinVersion, a.MaxVersion)),
                ];
            },
            stop);

    /// <summary>The offsets of places in partitions.</summary>
    /// <returns>By partition; offset -1 where no record fits.</returns>
    /// <exception cref="KafkaException">A partition does not exist, or its leader did not answer.</exception>
    public Task<IReadOnlyDictionary<TopicPartition, ListedOffset>> ListOffsetsAsync(
        IEnumerable<(TopicPartition Partition, OffsetSpec Place)> places,
        IsolationLevel isolation = IsolationLevel.ReadUncommitted, CancellationToken stop = default) =>
        RunAsync<IReadOnlyDictionary<TopicPartition, ListedOffset>>(
            async deadline => await OffsetLookup.FindAsync(_core, [.. places], isolation, deadline), stop);

    private Task<T> RunAsync<T>(Func<Deadline, Task<T>> work, CancellationToken stop) =>
        _core.Lane.RunAsync(() => work(_core.ApiDeadline())).WaitAsync(stop);

    private int TimeoutMs => (int)_core.Options.RequestTimeout.TotalMilliseconds;

    private static void Check(ErrorCode code, string? message)
    {
        if (code != ErrorCode.None)
            throw new KafkaException(code, message);
    }

    /// <summary>The first error in a list that a retry may cure; none if there is one that it cannot.</summary>
    private static ErrorCode WorstOf(IEnumerable<ErrorCode> codes)
    {
        var all = codes.Where(c => c != ErrorCode.None).ToList();
        return all.Count > 0 && all.TrueForAll(c => c is ErrorCode.NotController or ErrorCode.CoordinatorLoadInProgress)
            ? all[0]
            : ErrorCode.None;
    }
}
