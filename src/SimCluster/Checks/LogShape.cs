namespace Barnabas.SimCluster;

/// <summary>What holds of any log, whoever wrote it: the order of offsets and epochs (S2), and each idempotent
/// producer's sequence without gap or repetition (D1).</summary>
internal static class LogShape
{
    /// <summary>Fails where the batches break a rule.</summary>
    /// <param name="name">The partition, for messages.</param>
    /// <param name="log">Its batches, in the order of the file.</param>
    /// <param name="logStart">Its start: of what was deleted below it nothing is known.</param>
    public static void Check(string name, IReadOnlyList<StoredBatch> log, long logStart)
    {
        var (next, epoch) = (-1L, -1);
        var sequences = new Dictionary<(long Producer, short Epoch), int>();
        foreach (var batch in log)
        {
            Promise.Holds(next < 0 || batch.BaseOffset == next, $"S2: {name}: {batch.BaseOffset} follows {next - 1}");
            Promise.Holds(batch.LeaderEpoch >= epoch, $"S2: {name}: epoch {batch.LeaderEpoch} after {epoch}");
            Promise.Holds(
                batch.LastOffset - batch.BaseOffset + 1 == batch.Values.Count,
                $"S2: {name}: the batch at {batch.BaseOffset} has {batch.Values.Count} records");
            (next, epoch) = (batch.LastOffset + 1, batch.LeaderEpoch);
            if (batch.Producer >= 0)
                CheckSequence(name, batch, sequences, logStart);
        }
    }

    private static void CheckSequence(
        string name, StoredBatch batch, Dictionary<(long Producer, short Epoch), int> sequences, long logStart)
    {
        var producer = (batch.Producer, batch.ProducerEpoch);
        var follows = sequences.TryGetValue(producer, out var expected)
            ? batch.BaseSequence == expected
            : batch.BaseSequence == 0 || logStart > 0;
        Promise.Holds(
            follows,
            $"D1: {name}: producer {batch.Producer} epoch {batch.ProducerEpoch} goes on with sequence "
            + $"{batch.BaseSequence} at offset {batch.BaseOffset}, not {expected}");
        sequences[producer] = (int)(((long)batch.BaseSequence + batch.Values.Count) & int.MaxValue);
    }
}
