using System.Text;
using Barnabas.Base;
using Barnabas.Records;
using Barnabas.Wire.Messages;

namespace Barnabas.SimCluster;

/// <summary>An idempotent producer that speaks the protocol itself: up to five batches under way, each sent again
/// until its fate is known, and now and then once more after that.</summary>
internal sealed class IdempotentSender(IHistory history, int number)
{
    private const int MostUnderWay = 5;
    private readonly ILink _link = history.NewLink();
    private readonly Dictionary<(TopicId, int), Lane> _lanes = [];
    private readonly RandomSource _chance = history.NewChance(number);
    private ProducerId _producer = ProducerId.None;
    private short _epoch;
    private int _values;

    /// <summary>Sends until the history winds down, and then until everything sent has a fate.</summary>
    public async Task RunAsync()
    {
        while (!history.IsWindingDown)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(_chance.Next(400)), history.World);
            if (history.AnyTopic(_chance) is not { } topic)
                continue;
            if (_producer == ProducerId.None)
                await BeginAsync();
            var partition = _chance.Next(topic.Partitions.Count);
            var lane = LaneOf(topic, partition);
            await SendAsync(topic, partition, lane);
            if (_chance.Next(3) == 0)
                await RepeatAsync(topic, partition, lane);
        }

        await _link.CloseAsync();
    }

    private Lane LaneOf(HistoryTopic topic, int partition)
    {
        if (!_lanes.TryGetValue((topic.Id, partition), out var lane))
            _lanes.Add((topic.Id, partition), lane = new Lane());
        return lane;
    }

    private async Task BeginAsync()
    {
        while (true)
        {
            var answer = await _link.AskAsync(new InitProducerIdRequest { TransactionalId = null });
            if (answer.ErrorCode == ErrorCode.None)
            {
                history.Take(answer.ProducerId);
                (_producer, _epoch) = (answer.ProducerId, answer.ProducerEpoch);
                _lanes.Clear();
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), history.World);
        }
    }

    /// <summary>Sends a few batches at once, and those without a fate again, in order, until none is left.</summary>
    private async Task SendAsync(HistoryTopic topic, int partition, Lane lane)
    {
        var ledger = topic.Partitions[partition];
        var open = new List<Sent>();
        // A partition takes any sequence number from a producer it does not know (KIP-360): until the first batch is
        // there, a second one must not overtake it.
        for (var i = lane.Sequence == 0 ? 1 : 1 + _chance.Next(MostUnderWay); i > 0; i--)
            open.Add(NewBatch(ledger, lane));
        while (open.Count > 0)
        {
            var answers = await Task.WhenAll(open.Select(sent => OfferAsync(topic, partition, sent)));
            var mayGap = false;
            for (var i = 0; i < answers.Length; i++)
            {
                if (!Settle(ledger, open[i], answers[i], mayGap, lane))
                {
                    // An error that ends a batch leaves a gap that those behind it cannot cross: another producer then.
                    _producer = ProducerId.None;
                    return;
                }

                mayGap |= answers[i] is not { ErrorCode: ErrorCode.None };
            }

            open.RemoveAll(static sent => sent.IsAcknowledged);
            if (open.Count > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(20 + _chance.Next(100)), history.World);
        }
    }

    /// <summary>Takes an answer in; false when the batch can never be acknowledged any more.</summary>
    private bool Settle(
        PartitionLedger ledger, Sent sent, ProduceResponse.PartitionProduceResponse? answer, bool mayGap, Lane lane)
    {
        switch (answer?.ErrorCode)
        {
            case null:
                sent.MayBeThere = true;
                return true;
            case ErrorCode.None:
                for (var i = 0; i < sent.Values.Count; i++)
                    ledger.Acknowledge(sent.Values[i], answer.BaseOffset.Value + i);
                sent.IsAcknowledged = true;
                lane.Remember(sent, answer.BaseOffset.Value);
                return true;
            case ErrorCode.OutOfOrderSequenceNumber:
                Promise.Holds(
                    mayGap || history.MayAskDeposed,
                    $"D2: {ledger.Name}: '{sent.Values[0]}' is out of order, though all before it was there");
                return true;
            case ErrorCode.UnknownTopicId or ErrorCode.UnknownTopicOrPartition or ErrorCode.MessageTooLarge
                or ErrorCode.RecordListTooLarge:
                if (!sent.MayBeThere)
                    sent.Values.ForEach(ledger.Refuse);
                return false;
            default:
                Promise.Holds(
                    history.Explains(answer.ErrorCode),
                    $"{ledger.Name}: nothing explains {answer.ErrorCode}");
                sent.MayBeThere = true;
                return true;
        }
    }

    /// <summary>Sends one of the last five batches once more: it is known, and gets the offset it has (D2).</summary>
    private async Task RepeatAsync(HistoryTopic topic, int partition, Lane lane)
    {
        if (_producer == ProducerId.None || lane.Recent.Count == 0)
            return;
        var (sent, offset) = lane.Recent[_chance.Next(lane.Recent.Count)];
        var answer = await OfferAsync(topic, partition, sent);
        var name = topic.Partitions[partition].Name;
        Promise.Holds(
            answer?.ErrorCode != ErrorCode.None || answer.BaseOffset.Value == offset,
            $"D2: {name}: a retry got offset {answer?.BaseOffset}, not {offset}");
        Promise.Holds(
            history.MayAskDeposed || answer?.ErrorCode is not (
                ErrorCode.OutOfOrderSequenceNumber or ErrorCode.DuplicateSequenceNumber),
            $"D2: {name}: a retry of one of the last five batches was answered by {answer?.ErrorCode}");
    }

    private async Task<ProduceResponse.PartitionProduceResponse?> OfferAsync(
        HistoryTopic topic, int partition, Sent sent)
    {
        // The broker writes into the bytes it is sent; a retry is the batch as it was.
        var answer = await _link.TryAskAsync(
            PlainRequests.Produce(topic.Id, partition, sent.Bytes.ToArray(), timeoutMs: 3_000));
        return answer?.Responses[0].PartitionResponses[0];
    }

    private Sent NewBatch(PartitionLedger ledger, Lane lane)
    {
        var values = new List<string>();
        using var builder = new BatchBuilder();
        for (var i = 1 + _chance.Next(3); i > 0; i--)
        {
            var value = $"{number}/{_values++}/{new string('x', _chance.Next(150))}";
            builder.Append(history.World.GetUtcNow().ToUnixTimeMilliseconds(), default, Encoding.UTF8.GetBytes(value));
            ledger.Send(value);
            values.Add(value);
        }

        var bytes = builder.Build(new BatchOptions
        {
            ProducerId = _producer,
            ProducerEpoch = _epoch,
            BaseSequence = lane.Sequence,
        });
        lane.Sequence += values.Count;
        return new Sent(values, bytes.ToArray());
    }

    /// <summary>A batch on its way.</summary>
    private sealed class Sent(List<string> values, byte[] bytes)
    {
        public List<string> Values => values;

        public byte[] Bytes => bytes;

        public bool IsAcknowledged { get; set; }

        /// <summary>An attempt ended without anybody knowing how.</summary>
        public bool MayBeThere { get; set; }
    }

    /// <summary>What the producer knows of a partition.</summary>
    private sealed class Lane
    {
        public int Sequence { get; set; }

        public List<(Sent Sent, long Offset)> Recent { get; } = [];

        public void Remember(Sent sent, long offset)
        {
            Recent.Add((sent, offset));
            if (Recent.Count > MostUnderWay)
                Recent.RemoveAt(0);
        }
    }
}
