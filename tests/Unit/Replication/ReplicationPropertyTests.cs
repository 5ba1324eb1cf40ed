using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Replication;
using Barnabas.Sim;
using Barnabas.Tests.Unit.Log;

namespace Barnabas.Tests.Unit.Replication;

/// <summary>Random histories of a partition on three brokers: whatever fails in between, what was acknowledged or shown
/// stays, and in the end all replicas are alike.</summary>
public sealed class ReplicationPropertyTests
{
    private const int Seeds = 60;
    private const int Steps = 80;

    [Theory]
    [InlineData("page-cache")]
    [InlineData("fsync")]
    public void What_was_acknowledged_or_shown_stays(string durability)
    {
        var (acknowledged, elections, cuts) = (0, 0, 0);
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var history = new History(seed, durability);
            history.Run();
            acknowledged += history.Acknowledged;
            elections += history.Elections;
            cuts += history.Losses;
        }

        // Enough of each has come about, or nothing was shown.
        var kinds = $"{acknowledged} acknowledged, {elections} elections, {cuts} brokers killed";
        Assert.True(acknowledged > 400 && elections > 100 && cuts > 100, kinds);
    }

    private sealed class History
    {
        private static readonly CrashKind[] Kinds = [CrashKind.KeepsAll, CrashKind.LosesAll, CrashKind.Tears];
        private readonly ReplicaStory _story;
        private readonly SimRandom _chance;
        private readonly bool _isDurable;
        private readonly int _seed;
        private readonly List<(Memory<byte> Bytes, Task<AppendAnswer> Answer)> _appends = [];
        private readonly SortedDictionary<long, string> _shown = [];
        private int _batches;

        public History(int seed, string durability)
        {
            (_seed, _chance, _isDurable) = (seed, new SimRandom((ulong)seed), durability == "fsync");
            _story = new ReplicaStory(
                seed, 3, ("min.insync.replicas", "2"), ("barnabas.durability", durability),
                ("replica.lag.time.max.ms", "2000"), ("replica.fetch.backoff.ms", "100"));
        }

        public int Acknowledged => _appends.Count(IsAcknowledged);

        public int Elections { get; private set; }

        public int Losses { get; private set; }

        public void Run() => _story.Tell(async () =>
        {
            await _story.BeginAsync();
            for (var i = 0; i < Steps; i++)
            {
                await StepAsync();
                Check();
            }

            await HealAsync();
            Check();
            foreach (var append in _appends.Where(IsAcknowledged))
                CheckKept(append.Bytes, (await append.Answer).BaseOffset);
        });

        private static bool IsAcknowledged((Memory<byte> Bytes, Task<AppendAnswer> Answer) append) =>
            append.Answer is { IsCompletedSuccessfully: true, Result.Error: ErrorCode.None };

        private async Task StepAsync()
        {
            var broker = _story.Brokers[1 + _chance.Next(3)];
            switch (_chance.Next(16))
            {
                case < 6:
                    Append(untilCommitted: _chance.Next(3) > 0);
                    break;
                case < 9:
                    await _story.PassAsync(TimeSpan.FromMilliseconds(_chance.Next(400)));
                    break;
                case 9 when broker.IsUp && _story.Up.Count() > 1:
                    Kill(broker);
                    break;
                case 10 or 11 when !broker.IsUp:
                    await StartAsync(broker);
                    break;
                case 12 when broker.IsUp && _story.Decided.Isr.Contains(broker.Id) && _story.State.IsActive(broker.Id):
                    Elections++;
                    _story.Elect(broker.Id.Value);
                    break;
                case 13 when broker.IsUp:
                    // It hears of nothing for a while, and may believe that it leads.
                    broker.Journal!.IsDeaf = !broker.Journal.IsDeaf;
                    break;
                case 14:
                    _story.IsControllerUp = !_story.IsControllerUp;
                    break;
                case 15:
                    await _story.PassAsync(TimeSpan.FromSeconds(_chance.Next(5)));
                    break;
            }
        }

        /// <summary>Appends at whoever believes that it leads.</summary>
        private void Append(bool untilCommitted)
        {
            foreach (var broker in _story.Up.Where(b => b.Partition?.View.Role == PartitionRole.Leader))
            {
                var batch = LogFixture.Batch(
                    1 + _chance.Next(3), LogFixture.Start + _batches++, valueSize: 10 + _chance.Next(50));
                var answer = broker.Partition!.AppendAsync(batch.Bytes, untilCommitted);
                if (untilCommitted)
                    _appends.Add((batch.Bytes, answer));
            }
        }

        // What no sync has vouched for may be lost where the topic asks for syncs, and only there: elsewhere the page
        // caches of several machines are what is trusted.
        private void Kill(ReplicaBroker broker)
        {
            Losses++;
            broker.Kill(_isDurable ? Kinds[_chance.Next(Kinds.Length)] : CrashKind.KeepsAll);
            if (_chance.Next(4) > 0)
                _story.Fence(broker.Id.Value);
        }

        private Task StartAsync(ReplicaBroker broker) => _story.StartAsync(broker.Id.Value);

        private async Task HealAsync()
        {
            _story.IsControllerUp = true;
            foreach (var broker in _story.Up)
                broker.Journal!.IsDeaf = false;
            foreach (var broker in _story.Brokers.Values.Where(broker => !broker.IsUp))
                await StartAsync(broker);
            await _story.UntilAsync(() => _story.Decided.Leader != BrokerId.None, $"seed {_seed}: a leader");
            await _story.UntilAsync(
                () => _story.Leader.Partition?.View.Role == PartitionRole.Leader, $"seed {_seed}: a leader that knows");
            await _story.UntilAsync(() => _story.Decided.Isr.Length == 3, $"seed {_seed}: all in sync");
            Append(untilCommitted: true);
            await _story.LevelAsync();
            var whole = LogFixture.ReadAll(_story.Leader.Log, Offset.Zero);
            foreach (var broker in _story.Brokers.Values)
                Assert.Equal(whole, LogFixture.ReadAll(broker.Log, Offset.Zero));
        }

        /// <summary>What a leader shows was never shown otherwise, and is on all in sync (I1, I4).</summary>
        private void Check()
        {
            foreach (var broker in _story.Up.Where(b => b.Partition?.View.Role == PartitionRole.Leader))
            {
                var below = Read(broker.Log, broker.View.HighWatermark);
                foreach (var (offset, content) in below)
                {
                    Assert.True(
                        _shown.TryAdd(offset, content) || _shown[offset] == content,
                        $"seed {_seed}: offset {offset} was shown otherwise before: {_story}");
                }

                var members = _story.Up.Where(b => _story.Decided.Isr.Contains(b.Id) && b.Partition is not null);
                foreach (var member in members)
                    CheckHas(member, below);
            }
        }

        private void CheckHas(ReplicaBroker member, SortedDictionary<long, string> below)
        {
            if (member.View.Log is not { } log)
                return;
            var own = Read(log, log.End);
            foreach (var (offset, content) in below)
            {
                Assert.True(
                    own.TryGetValue(offset, out var there) && there == content,
                    $"seed {_seed}: {member.Id} is in sync and lacks offset {offset}: {_story}");
            }
        }

        private void CheckKept(Memory<byte> batch, Offset at)
        {
            var read = Read(_story.Leader.Log, _story.Leader.Log.End);
            Assert.True(
                read.TryGetValue(at.Value, out var there) && there == Convert.ToBase64String(batch.Span),
                $"seed {_seed}: offset {at} was acknowledged and is lost: {_story}");
        }

        /// <summary>The batches below an offset, by their first offsets.</summary>
        private static SortedDictionary<long, string> Read(LogView log, Offset below)
        {
            var batches = new SortedDictionary<long, string>();
            for (var next = log.LogStart; next < below;)
            {
                var read = log.Read(next, below, 1, atLeastOneBatch: true);
                Assert.Equal(ErrorCode.None, read.Error);
                if (read.Slices.Count == 0)
                    break;
                var bytes = new byte[read.Bytes];
                read.Slices[0].File.Read(read.Slices[0].Position, bytes);
                read.Release();
                batches.Add(read.FirstOffset.Value, Convert.ToBase64String(bytes));
                next = read.NextOffset;
            }

            return batches;
        }
    }
}
