using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Records;
using Barnabas.Sim;
using Barnabas.Tests.Unit.Log;

namespace Barnabas.Tests.Simulation.Log;

/// <summary>The bytes of a log, and for every whole batch of them all that follows from what stands before: what a
/// recovery has to come to that finds so much of it.</summary>
internal sealed class WrittenLog
{
    /// <summary>The one segment's batches.</summary>
    public const string LogPath = LogFixture.Directory + "/00000000000000000000.log";

    private const int AttributesPosition = 21;
    private static readonly string[] DerivedFiles = [".index", ".timeindex", ".txnindex"];

    private readonly LogSettings _settings;
    private readonly List<PendingBatch> _batches = [];
    private readonly List<State> _states = [];
    private readonly Dictionary<int, SideFiles> _sideFiles = [];

    /// <summary>A log of at least so many bytes, written by three idempotent producers under several leader
    /// epochs.</summary>
    public WrittenLog(int size, int largestValue)
    {
        _settings = LogFixture.Small with { SegmentBytes = 1 << 20, SegmentIndexBytes = 16 * 1024 };
        var random = new Random(size);
        var fixture = New();
        var log = fixture.Open();
        var sequences = new int[3];
        _states.Add(StateOf(log));
        while (log.View.SizeInBytes < size)
        {
            var (producer, records) = (random.Next(3), random.Next(1, 4));
            var batch = LogFixture.Batch(
                records, LogFixture.Start + random.Next(5000), producer + 1, 0, sequences[producer],
                random.Next(1, largestValue), leaderEpoch: _batches.Count / 40);
            sequences[producer] += records;
            log.Append([batch]);
            _batches.Add(batch);
            _states.Add(StateOf(log));
        }

        fixture.Close(log);
        Bytes = fixture.Disk.Peek(LogPath);
        Files = FilesOf(fixture.Disk);
    }

    /// <summary>The bytes of all batches.</summary>
    public byte[] Bytes { get; }

    /// <summary>All files of the log as it was closed, by name.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; }

    /// <summary>The offset after the last record.</summary>
    public Offset End => _states[^1].End;

    /// <summary>Where each batch begins, and after them the end.</summary>
    public IEnumerable<int> Boundaries => _states.Select(static state => state.Size);

    /// <summary>An empty machine for a log with these settings, and perhaps a bug.</summary>
    public LogFixture New(PlantedBug bug = PlantedBug.None)
    {
        var fixture = new LogFixture { Settings = _settings };
        fixture.Host = fixture.Host with { Planted = bug };
        return fixture;
    }

    /// <summary>How many whole batches bytes begin with that are those of this log.</summary>
    public int WholeBatchesOf(ReadOnlySpan<byte> bytes)
    {
        var same = bytes.CommonPrefixLength(Bytes);
        var (low, high) = (0, _states.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_states[middle].Size <= same)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }

    /// <summary>True when behind the first <paramref name="batches"/> bytes stand that are a whole batch, though none
    /// of this place.</summary>
    public bool HasWholeBatchAfter(ReadOnlySpan<byte> bytes, int batches)
    {
        bytes = bytes[_states[batches].Size..];
        if (bytes.Length < RecordBatch.HeaderSize)
            return false;
        var batch = new RecordBatch(bytes);
        return batch.Magic == 2 && batch.Size >= RecordBatch.HeaderSize && batch.Size <= bytes.Length
            && batch.Crc == Crc32C.Compute(bytes[AttributesPosition..batch.Size]);
    }

    /// <summary>Fails unless an opened log holds the first <paramref name="batches"/> and nothing else, and all that
    /// follows from them is what a replay comes to.</summary>
    public void CheckHolds(PartitionLog log, SimDisk disk, int batches, string what)
    {
        var state = _states[batches];
        Assert.True(state.End == log.View.End, $"{what}: {log.View.End} found, {state.End} expected");
        Assert.Equal(state.Size, log.View.SizeInBytes);
        Assert.True(disk.Peek(LogPath).AsSpan().SequenceEqual(Bytes.AsSpan(0, state.Size)), $"{what}: other bytes");
        Assert.Equal(state.Producers, log.DescribeProducers());
        Assert.Equal(state.Epochs, log.View.Epochs.Entries);
    }

    /// <summary>Fails unless the files of a log that was recovered with so many batches, and closed, are those of one
    /// that took these batches and was closed.</summary>
    public void CheckFiles(SimDisk disk, int batches, string what)
    {
        foreach (var (name, bytes) in SideFilesOf(batches).Files)
        {
            Assert.True(
                disk.Peek($"{LogFixture.Directory}/{name}").AsSpan().SequenceEqual(bytes), $"{what}: {name} differs");
        }
    }

    /// <summary>All files of the log's directory, by name.</summary>
    public static Dictionary<string, byte[]> FilesOf(SimDisk disk) => disk.List(LogFixture.Directory).ToDictionary(
        static entry => entry.Name, entry => disk.Peek($"{LogFixture.Directory}/{entry.Name}"));

    private static State StateOf(PartitionLog log) => new(
        log.View.End, (int)log.View.SizeInBytes, log.DescribeProducers(), log.View.Epochs.Entries);

    private SideFiles SideFilesOf(int batches)
    {
        lock (_sideFiles)
        {
            if (_sideFiles.TryGetValue(batches, out var known))
                return known;
        }

        var fixture = New();
        var log = fixture.Open();
        foreach (var batch in _batches.Take(batches))
            log.Append([batch with { Bytes = batch.Bytes.ToArray() }]);
        fixture.Close(log);
        var snapshot = $"{_states[batches].End.Value:D20}.snapshot";
        var files = new SideFiles(FilesOf(fixture.Disk)
            .Where(file => file.Key == snapshot || DerivedFiles.Contains(Path.GetExtension(file.Key)))
            .ToDictionary());
        lock (_sideFiles)
            _sideFiles[batches] = files;
        return files;
    }

    private sealed record State(
        Offset End, int Size, IReadOnlyList<ActiveProducer> Producers, IReadOnlyList<EpochStart> Epochs);

    private sealed record SideFiles(IReadOnlyDictionary<string, byte[]> Files);
}
