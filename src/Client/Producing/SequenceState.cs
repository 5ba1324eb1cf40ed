using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>The identity and sequence numbers under which a partition's batches are sent (KIP-98, KIP-360).</summary>
/// <remarks>Epochs are raised partition by partition: the broker keeps its producer state so. Owned by the client's
/// lane.</remarks>
internal sealed class SequenceState
{
    /// <summary>The producer id; none before the first batch.</summary>
    public ProducerId Id { get; private set; } = ProducerId.None;

    /// <summary>The producer's epoch in this partition.</summary>
    public short Epoch { get; private set; } = -1;

    /// <summary>The next batch's first sequence.</summary>
    public int Next { get; private set; }

    /// <summary>True when a sequence will never be filled: once nothing is under way, a higher epoch begins at
    /// 0.</summary>
    public bool IsBroken { get; set; }

    /// <summary>True once a batch under this identity was acknowledged. Until then the leader may know nothing of the
    /// producer, and takes any sequence for the first one (KIP-360): a batch must not overtake the first.</summary>
    public bool IsAcknowledged { get; private set; }

    /// <summary>Takes on an identity, if there is none yet.</summary>
    public void Begin(ProducerId id, short epoch)
    {
        if (Id == ProducerId.None)
            (Id, Epoch, Next) = (id, epoch, 0);
    }

    /// <summary>A batch is in the log.</summary>
    public void Acknowledge() => IsAcknowledged = true;

    /// <summary>Takes on the identity of a transaction; each new one begins at 0.</summary>
    public void Follow(ProducerId id, short epoch)
    {
        if (Id != id || Epoch != epoch)
            (Id, Epoch, Next, IsBroken, IsAcknowledged) = (id, epoch, 0, false, false);
    }

    /// <summary>Gives out sequences for so many records; they wrap from 2^31-1 to 0.</summary>
    public int Take(int count)
    {
        var first = Next;
        Next = After(first, count);
        return first;
    }

    /// <summary>Begins again at 0 under the next epoch, or under the identity the producer has now.</summary>
    /// <returns>False when the epochs are used up: the producer needs a new id first.</returns>
    public bool TryRaise(ProducerId id, short epoch)
    {
        if (Id == id && Epoch >= short.MaxValue - 1)
            return false;
        (Id, Epoch, Next) = Id == id ? (Id, (short)(Epoch + 1), 0) : (id, epoch, 0);
        IsBroken = IsAcknowledged = false;
        return true;
    }

    /// <summary>True when <paramref name="a"/> comes before <paramref name="b"/>: less than half the circle.</summary>
    public static bool Precedes(int a, int b) => a != b && ((b - a) & int.MaxValue) < int.MaxValue / 2;

    /// <summary>The sequence so many records on.</summary>
    public static int After(int sequence, int count) => (int)(((long)sequence + count) & int.MaxValue);
}
