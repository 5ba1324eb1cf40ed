using System.Globalization;
using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Log;

/// <summary>A compaction in which every call of the disk fails, and in which the machine stops at every one of
/// them.</summary>
public sealed class CleaningCrashTests
{
    private const int Keys = 5;
    private const int Small = 8 * OffsetMap.EntrySize;

    [Theory]
    [InlineData(false, CrashKind.KeepsAll)]
    [InlineData(false, CrashKind.LosesAll)]
    [InlineData(true, CrashKind.KeepsAll)]
    [InlineData(true, CrashKind.LosesAll)]
    [InlineData(true, CrashKind.Tears)]
    public void Whatever_call_fails_no_key_loses_its_last_value(bool andAfter, CrashKind kind)
    {
        var whole = new Life(1);
        whole.Compact();
        var calls = whole.Fixture.Disk.Calls - whole.CallsBefore;
        whole.Check("without a fault");
        Assert.InRange(calls, 100, 3000);
        for (var call = 1L; call <= calls; call++)
        {
            var life = new Life((int)call);
            life.Fixture.Disk.FailAt(life.CallsBefore + call, andAfter);
            life.Compact();
            life.Fixture.Disk.Crash(kind);
            life.Reopen();
            life.Check($"call {call}");
        }
    }

    [Fact]
    public void A_full_disk_leaves_the_log_as_it_is()
    {
        var life = new Life(1);
        var before = StoredRecord.DataOf(life.Log.View);
        life.Fixture.Disk.Capacity = 1;

        Assert.Throws<DiskFullException>(() => Cleaner.Clean(life.Fixture, life.Log, null));

        life.Fixture.Disk.Capacity = SimDisk.Unlimited;
        Assert.False(life.Log.Failed);
        Assert.Equal(before, StoredRecord.DataOf(life.Log.View));
        Assert.DoesNotContain(
            life.Fixture.Disk.List(LogFixture.Directory),
            static file => file.Name.EndsWith(".cleaned", StringComparison.Ordinal));
        Cleaner.Clean(life.Fixture, life.Log, null);
        life.Check("afterwards");
    }

    /// <summary>A log of several segments, all on disk.</summary>
    private sealed class Life
    {
        private readonly Dictionary<string, string> _expected = [];
        private readonly Offset _point;
        private readonly IReadOnlyList<ActiveProducer> _producers;

        public Life(int seed)
        {
            Fixture = new LogFixture(seed) { Settings = LogFixture.Small with { SegmentBytes = 900 } };
            Log = Fixture.Open();
            for (var i = 0; i < 20; i++)
                Append(i);
            Log.Roll();
            Fixture.Flush(Log);
            (_point, _producers) = (Log.RecoveryPoint, Log.DescribeProducers());
            CallsBefore = Fixture.Disk.Calls;
        }

        public LogFixture Fixture { get; }

        public PartitionLog Log { get; private set; }

        public long CallsBefore { get; }

        public void Compact()
        {
            try
            {
                // A small map first, so that there are rounds.
                var cleaned = Cleaner.Clean(Fixture, Log, null, Small);
                Cleaner.Clean(Fixture, Log, cleaned);
            }
            catch (IOException)
            {
                // The directory would be taken offline. What there was must be there again.
            }
        }

        public void Reopen()
        {
            Log = Fixture.Open(_point.Value);
            Assert.Equal(_producers, Log.DescribeProducers());
        }

        /// <summary>The last value of each key is there; once all is compacted, nothing else but what aborted
        /// transactions left, of which there is nothing.</summary>
        public void Check(string when)
        {
            Assert.True(Log.View.End == _point, $"{when}: the log ends at {Log.View.End}");
            Assert.Equal(Log.View.End, Cleaner.Clean(Fixture, Log, null));
            var data = StoredRecord.DataOf(Log.View).ToDictionary(static r => r.Key, static r => r.Value);
            Assert.True(_expected.OrderBy(static e => e.Key).SequenceEqual(data.OrderBy(static e => e.Key)!), when);
            Assert.All(
                Fixture.Disk.List(LogFixture.Directory),
                file => Assert.False(file.Name.EndsWith(".swap", StringComparison.Ordinal), when));
        }

        private void Append(int i)
        {
            var records = Enumerable.Range(0, 3).Select(
                j => (((i + (j * 7)) % Keys).ToString(CultureInfo.InvariantCulture), (string?)$"{i}/{j}")).ToArray();
            var isAborted = i % 6 == 2;
            Log.Append(
                [Cleaner.Keyed(records, producer: isAborted ? 7 : 8, sequence: Sequence(i), transactional: isAborted)]);
            if (isAborted)
                Log.Append([LogFixture.Marker(7, 0, abort: true)]);
            foreach (var (key, value) in records.Where(_ => !isAborted))
                _expected[key] = value!;
        }

        /// <summary>How many records the same producer has sent before.</summary>
        private static int Sequence(int i) => 3 * Enumerable.Range(0, i).Count(j => j % 6 == 2 == (i % 6 == 2));
    }
}
