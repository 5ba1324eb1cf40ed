namespace Barnabas.Journal;

/// <summary>A journal that takes a snapshot in the place of its oldest records. On the journal's lane.</summary>
/// <typeparam name="TRecord">What it lists.</typeparam>
public interface ISnapshotted<TRecord>
{
    /// <summary>Bytes of records that no snapshot stands for; 0 while it is not this node's to write one.</summary>
    long BytesSinceSnapshot { get; }

    /// <summary>The offset after the last record that the newest snapshot stands for; 0 before the first.</summary>
    long SnapshotEnd { get; }

    /// <summary>Writes a snapshot, then drops the records and snapshots it stands for.</summary>
    /// <param name="end">The offset after the last record it stands for, which ends a commit.</param>
    /// <param name="epoch">The epoch of that record.</param>
    /// <param name="timestamp">When that record was appended, in ms since 1970.</param>
    /// <param name="records">What rebuilds the state; made while they are enumerated, on another thread.</param>
    /// <exception cref="IOException">The medium refused; what was there is there still.</exception>
    Task WriteSnapshotAsync(long end, int epoch, long timestamp, IEnumerable<TRecord> records);
}
