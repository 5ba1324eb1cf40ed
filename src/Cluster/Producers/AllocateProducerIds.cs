using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>Gives a broker a block of producer ids nobody else gets (KIP-730).</summary>
public static class AllocateProducerIds
{
    /// <summary>How many ids a block has.</summary>
    public const int BlockSize = 1000;

    /// <summary>Decides on a request.</summary>
    public static Decision<AllocateProducerIdsResponse, ITypedRecord> Decide(
        ClusterState state, AllocateProducerIdsRequest request)
    {
        var error = FenceBroker.Check(state, request.BrokerId, request.BrokerEpoch);
        if (error != ErrorCode.None)
            return new AllocateProducerIdsResponse { ErrorCode = error };

        var first = Math.Max(state.NextProducerId.Value, 0);
        if (first > long.MaxValue - BlockSize)
            return new AllocateProducerIdsResponse { ErrorCode = ErrorCode.UnknownServerError };
        return new(
            new AllocateProducerIdsResponse { ProducerIdStart = new ProducerId(first), ProducerIdLen = BlockSize },
            [
                new ProducerIdsRecord
                {
                    BrokerId = request.BrokerId,
                    BrokerEpoch = request.BrokerEpoch,
                    NextProducerId = new ProducerId(first + BlockSize),
                },
            ]);
    }
}
