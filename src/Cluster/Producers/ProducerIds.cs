using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>Hands out producer ids from blocks that the controller gives to this broker alone (KIP-730).</summary>
/// <remarks>What is left of a block is lost at a restart; ids are many. From any lane.</remarks>
/// <param name="host">The machine.</param>
/// <param name="self">This broker.</param>
/// <param name="state">The cluster as it is known here now.</param>
/// <param name="allocate">Asks the controller for a block.</param>
public sealed class ProducerIds(
    Host host, BrokerId self, Func<ClusterState> state,
    Func<AllocateProducerIdsRequest, Task<AllocateProducerIdsResponse>> allocate)
{
    private readonly Lane _lane = host.Lanes.NewLane("producer ids");
    private Task<bool>? _fetching;
    private long _next;
    private long _end;

    /// <summary>An id nobody has had; null while the controller gives no block.</summary>
    public Task<ProducerId?> NextAsync() => _lane.RunAsync<ProducerId?>(async () =>
    {
        while (_next == _end)
        {
            var fetching = _fetching ??= FetchAsync();
            var isThere = await fetching;
            // Not cleared by itself: one that is refused at once ends before it is kept.
            if (_fetching == fetching)
                _fetching = null;
            if (!isThere)
                return null;
        }

        return new ProducerId(_next++);
    });

    private async Task<bool> FetchAsync()
    {
        if (host.Has(PlantedBug.ProducerIdsForgotten))
        {
            (_next, _end) = (0, 1000);
            return true;
        }

        var request = new AllocateProducerIdsRequest
        {
            BrokerId = self,
            BrokerEpoch = state().Brokers.TryGetValue(self, out var broker) ? broker.Epoch : -1,
        };
        var block = await allocate(request);
        if (block.ErrorCode != ErrorCode.None)
            return false;
        (_next, _end) = (block.ProducerIdStart.Value, block.ProducerIdStart.Value + block.ProducerIdLen);
        return true;
    }
}
