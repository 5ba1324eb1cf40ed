using System.Globalization;
using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Records;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Client;

/// <summary>What a producer tells of its records, held against the log of a broker that fails at random.</summary>
public sealed class ProducerPropertyTests
{
    private const int Records = 120;

    [Fact]
    public void What_is_told_of_a_record_is_true()
    {
        var (given, doubted, delivered) = (0, 0, 0);
        for (var seed = 1; seed <= 40; seed++)
        {
            var story = new Story(seed);
            story.Run();
            story.Check();
            given += story.Reports.Values.Count(r => r[0].Failure is { MayHaveBeenApplied: false });
            doubted += story.Reports.Values.Count(r => r[0].Failure is { MayHaveBeenApplied: true });
            delivered += story.Reports.Values.Count(r => r[0].Failure is null);
        }

        // All three kinds have come about, or nothing was shown.
        var kinds = $"{given} given up, {doubted} in doubt, {delivered} delivered";
        Assert.True(given > 20 && doubted > 20 && delivered > 1000, kinds);
    }

    private sealed class Story
    {
        private readonly FakeCluster _cluster;
        private readonly Random _chance;
        private readonly int _seed;
        private readonly Dictionary<(long Id, short Epoch, int Sequence), long> _places = [];
        private readonly Dictionary<(long Id, short Epoch), int> _next = [];
        private bool _isCalm;

        public Story(int seed)
        {
            (_seed, _chance) = (seed, new Random(seed));
            _cluster = new FakeCluster(seed).With("t");
            _cluster.Broker.On<ProduceRequest, ProduceResponse>((request, _) => Serve(request));
        }

        public Dictionary<int, List<DeliveryReport>> Reports { get; } = [];

        public void Run() => _cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>(new()
            {
                BatchSize = 120,
                DeliveryTimeout = TimeSpan.FromSeconds(8),
                RequestTimeout = TimeSpan.FromSeconds(2),
                Linger = TimeSpan.FromMilliseconds(1),
            });
            for (var i = 0; i < Records; i++)
            {
                var reports = Reports[i] = [];
                var value = i.ToString(CultureInfo.InvariantCulture);
                await producer.EnqueueAsync(new("t", null, value), reports.Add, FakeCluster.Never);
                if (_chance.Next(4) == 0)
                    await Task.Delay(TimeSpan.FromMilliseconds(_chance.Next(300)), _cluster.Host.Time);
            }

            await producer.FlushAsync(FakeCluster.Never);
            _isCalm = true;
            await producer.SendAsync("t", null, "last", FakeCluster.Never);
        });

        public void Check()
        {
            var log = _cluster.Values("t");
            var seed = $"seed {_seed}";
            Assert.All(Reports.Values, reports => Assert.True(reports.Count == 1, seed));
            Assert.True(log.Distinct().Count() == log.Count, seed);
            var numbers = log.Where(v => v != "last").Select(v => int.Parse(v, CultureInfo.InvariantCulture)).ToList();
            Assert.True(numbers.SequenceEqual(numbers.Order()), seed);
            foreach (var (i, reports) in Reports)
            {
                var at = log.IndexOf(i.ToString(CultureInfo.InvariantCulture));
                if (reports[0].Failure is { } failure)
                    Assert.True(at < 0 || failure.MayHaveBeenApplied, $"{seed}: {i} is in the log: {failure.Message}");
                else
                    Assert.True(at >= 0 && reports[0].Record.Offset.Value == at, $"{seed}: {i} is not in its place");
            }
        }

        private ProduceResponse? Serve(ProduceRequest request) => (_isCalm ? 0 : _chance.Next(100)) switch
        {
            < 60 => Append(request),
            < 68 => Cut(Append(request)),
            < 76 => Cut(null),
            < 82 => Forget(Append(request)),
            < 88 => null,
            < 92 => _cluster.Refuse(request, ErrorCode.NotEnoughReplicas),
            < 96 => Doubt(request, Append(request)),
            _ => _cluster.Refuse(request, ErrorCode.InvalidRecord),
        };

        /// <summary>Appends like a broker that keeps the sequences of producers: in order, and each once.</summary>
        private ProduceResponse Append(ProduceRequest request)
        {
            var batch = new RecordBatch(request.TopicData[0].PartitionData[0].Records!.Value.Memory.Span);
            var producer = (batch.ProducerId.Value, batch.ProducerEpoch);
            var place = (producer.Value, producer.ProducerEpoch, batch.BaseSequence);
            var last = batch.LastSequence;
            if (_places.TryGetValue(place, out var before))
            {
                var known = _cluster.Refuse(request, ErrorCode.None);
                known.Responses[0].PartitionResponses[0].BaseOffset = new Offset(before);
                return known;
            }

            if (batch.ProducerEpoch < _next.Keys.Where(k => k.Id == producer.Value).Select(k => k.Epoch)
                .DefaultIfEmpty((short)0).Max())
            {
                return _cluster.Refuse(request, ErrorCode.InvalidProducerEpoch);
            }

            if (batch.BaseSequence != _next.GetValueOrDefault(producer))
                return _cluster.Refuse(request, ErrorCode.OutOfOrderSequenceNumber);
            var answer = _cluster.Produce(request);
            _next[producer] = last + 1;
            _places[place] = answer.Responses[0].PartitionResponses[0].BaseOffset.Value;
            return answer;
        }

        private static ProduceResponse? Cut(ProduceResponse? _) => throw new IOException("cut by the story");

        private static ProduceResponse? Forget(ProduceResponse _) => null;

        /// <summary>A leader that loses its office answers so after it has appended.</summary>
        private ProduceResponse Doubt(ProduceRequest request, ProduceResponse _) =>
            _cluster.Refuse(request, ErrorCode.NotLeaderOrFollower);
    }
}
