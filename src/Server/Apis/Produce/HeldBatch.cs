using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Records;
using Barnabas.Replication;

namespace Barnabas.Server.Apis.Produce;

/// <summary>A batch of a transaction that has passed the gate and waits for the word of its coordinator.</summary>
/// <param name="partition">Where it goes.</param>
/// <param name="batch">Its bytes, in the request's frame.</param>
/// <param name="replacement">What goes in its place where the topic wanted a change; null where it did not.</param>
/// <param name="usesLogAppendTime">True when the broker's clock stands for the records' timestamps.</param>
internal sealed class HeldBatch(
    Partition partition, Memory<byte> batch, PooledBytes? replacement, bool usesLogAppendTime)
{
    /// <summary>Where it goes.</summary>
    public Partition Partition => partition;

    /// <summary>Whose it is.</summary>
    public (ProducerId Id, short Epoch) Producer
    {
        get
        {
            var header = new RecordBatch(batch.Span);
            return (header.ProducerId, header.ProducerEpoch);
        }
    }

    /// <summary>The sequence of its first record.</summary>
    public int Sequence => new RecordBatch(batch.Span).BaseSequence;

    /// <summary>Appends it.</summary>
    public void Begin(ProducePart part, VerificationGuard guard, bool untilCommitted)
    {
        var pending = new PendingBatch(batch, LeaderEpoch.None) { Guard = guard };
        part.Begin(partition, pending, replacement, usesLogAppendTime, untilCommitted);
    }

    /// <summary>It is not appended.</summary>
    public void Drop() => replacement?.Dispose();
}
