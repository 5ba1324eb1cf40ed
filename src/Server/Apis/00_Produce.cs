using Barnabas.Server.Apis.Produce;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Appends record batches to partitions (KIP-98, KIP-467, KIP-516, KIP-951).</summary>
/// <remarks>Batches are judged on the connection's lane and go to each partition's lane in the order of the request.
/// The connection reads on at once: what comes after is appended after, while disks and replicas work. With batches of
/// a transaction it reads on when these have been verified, so that they keep their order too (KIP-890).</remarks>
public sealed class ProduceApi(Broker broker) : IExchangeHandler<ProduceRequest, ProduceResponse>
{
    /// <summary>What it is part of.</summary>
    internal Broker Broker => broker;

    /// <summary>Judges batches.</summary>
    internal BatchGate Gate { get; } = new(broker);

    /// <summary>Lets the batches of transactions in.</summary>
    internal HeldBatches Held { get; } = new(broker);

    /// <inheritdoc/>
    public Exchange<ProduceRequest, ProduceResponse> Take() => ProduceExchange.Take(this);
}
