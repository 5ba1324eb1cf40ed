using Barnabas.Base;

namespace Barnabas.Bench;

/// <summary>Sends batches that were made once, over some connections: as fast as answers allow, or at a
/// rate.</summary>
public sealed class ProduceLoad : LaneLoad
{
    /// <summary>Makes the batch and opens the connections.</summary>
    /// <exception cref="IOException">Nobody answers.</exception>
    public ProduceLoad(IReadOnlyList<Target> targets, ProduceSettings settings, RunWindow window)
    {
        var (batch, records) = settings.Shape.Make(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        (BatchBytes, BatchRecords) = (batch.Length, records);
        var shares = Target.Deal(targets, settings.Connections);
        var perLane = settings.RecordsPerSecond / records / shares.Count;
        for (var at = 0; at < shares.Count; at++)
        {
            var left = settings.Bytes is { } bytes ? Math.Max(1, bytes / batch.Length / shares.Count) : long.MaxValue;
            Add(new ProduceLane(shares[at], settings, (batch, records), window)
            {
                Requests = left,
                PerSecond = perLane,
                Phase = (double)at / shares.Count,
            });
        }
    }

    private ProduceLoad((byte[] Bytes, int Records) batch, IEnumerable<ProduceLane> lanes)
    {
        (BatchBytes, BatchRecords) = (batch.Bytes.Length, batch.Records);
        foreach (var lane in lanes)
            Add(lane);
    }

    /// <summary>Bytes of a batch.</summary>
    public int BatchBytes { get; }

    /// <summary>Records of a batch.</summary>
    public int BatchRecords { get; }

    /// <summary>The same for the bare server of <c>bench/Limits</c>, in a closed loop.</summary>
    /// <param name="port">Where it listens on this machine.</param>
    /// <param name="isAppended">Whether it appends the batches to its log; otherwise it only reads
    /// them.</param>
    /// <param name="settings">How batches are sent.</param>
    /// <param name="window">When the run counts.</param>
    /// <exception cref="IOException">It does not answer.</exception>
    public static ProduceLoad ToBareServer(int port, bool isAppended, ProduceSettings settings, RunWindow window)
    {
        var batch = settings.Shape.Make(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        var target = new Target("bare", TopicId.None, 0, "127.0.0.1", port, new Offset(0), new Offset(0));
        return new ProduceLoad(batch, Enumerable.Range(0, settings.Connections).Select(_ => new ProduceLane(
            [target], settings with { Acks = 1 }, batch, window, new BareFrame(isAppended, batch.Bytes))
        {
            Requests = settings.Bytes is { } bytes ? Math.Max(1, bytes / batch.Bytes.Length) : long.MaxValue,
        }));
    }
}
