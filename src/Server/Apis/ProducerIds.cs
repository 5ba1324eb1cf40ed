using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Hands out producer ids from blocks that the controller gives to this broker alone (KIP-730).</summary>
/// <remarks>What is left of a block is lost at a restart; ids are many.</remarks>
public sealed class ProducerIds(Broker broker)
{
    private readonly Lane _lane = broker.Host.Lanes.NewLane("producer ids");
    private Task<bool>? _fetching;
    private long _next;
    private long _end;

    /// <summary>An id nobody has had; null while the controller gives no block.</summary>
    public Task<ProducerId?> NextAsync() => _lane.RunAsync<ProducerId?>(async () =>
    {
        while (_next == _end)
        {
            _fetching ??= FetchAsync();
            if (!await _fetching)
                return null;
        }

        return new ProducerId(_next++);
    });

    private async Task<bool> FetchAsync()
    {
        if (broker.Host.Has(PlantedBug.ProducerIdsForgotten))
        {
            (_next, _end) = (0, 1000);
            return true;
        }

        var request = new AllocateProducerIdsRequest
        {
            BrokerId = broker.Id,
            BrokerEpoch = broker.State.Brokers.TryGetValue(broker.Id, out var self) ? self.Epoch : -1,
        };
        var block = await broker.Controller.CommandAsync(
            state => AllocateProducerIds.Decide(state, request),
            () => new AllocateProducerIdsResponse { ErrorCode = ErrorCode.NotController });
        _fetching = null;
        if (block.ErrorCode != ErrorCode.None)
            return false;
        (_next, _end) = (block.ProducerIdStart.Value, block.ProducerIdStart.Value + block.ProducerIdLen);
        return true;
    }
}
