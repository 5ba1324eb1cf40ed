using System.Text;
using System.Text.Json;
using Barnabas.Base;
using Barnabas.Tests.Checker;

namespace Barnabas.Tests.Nemesis.Drivers;

/// <summary>A producer of librdkafka, shared by those who send to different partitions.</summary>
internal sealed class ForeignProducer(ForeignPlace place) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private ForeignProcess? _process;

    /// <summary>A sender: one process for all, begun anew when it has ended.</summary>
    public ISender Sender()
    {
        lock (_gate)
        {
            if (_process is null or { HasEnded: true })
                _process = new ForeignProcess(place, "send");
            return new ForeignSender(_process);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }

    private sealed class ForeignSender(ForeignProcess process) : ISender
    {
        /// <inheritdoc/>
        public async Task<IReadOnlyList<Sent>> SendAsync(TopicPartition partition, IReadOnlyList<byte[]> records)
        {
            var answer = await process.AskAsync(id => new
            {
                id,
                topic = partition.Topic,
                partition = partition.Partition,
                records = records.Select(Encoding.ASCII.GetString),
            });
            return [.. answer.GetProperty("sent").EnumerateArray().Select(Read)];
        }

        /// <inheritdoc/>
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static Sent Read(JsonElement sent)
        {
            var outcome = Enum.Parse<Outcome>(sent[0].GetString()!);
            var error = sent[2].GetString() is { } name ? $"librdkafka producer: {name}, {outcome}" : null;
            return new(outcome, sent[1].GetInt64(), error);
        }
    }
}

/// <summary>A consumer of librdkafka that is assigned its partitions.</summary>
internal sealed class ForeignReader : IReader
{
    private readonly ForeignProcess _process;

    /// <summary>A reader that begins at these offsets, by number of the partition.</summary>
    public ForeignReader(ForeignPlace place, IReadOnlyList<long> from)
    {
        _process = new(place, "read");
        var places = Topics.Keys.Select(key => (At: Topics.PartitionOf(key), Offset: from[key]));
        _process.Tell(new
        {
            from = places.Select(static place => new object[] { place.At.Topic, place.At.Partition, place.Offset }),
        });
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Got>> PollAsync() =>
        Read(await _process.AskAsync(static id => new { id }));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>The records of an answer.</summary>
    public static IReadOnlyList<Got> Read(JsonElement answer) =>
    [
        .. from got in answer.GetProperty("got").EnumerateArray()
           select new Got(
               new(got[0].GetString()!, got[1].GetInt32()), got[2].GetInt64(),
               Payload.Of(Encoding.Latin1.GetBytes(got[3].GetString()!))),
    ];
}

/// <summary>A consumer and a transactional producer of librdkafka, one feeding the other.</summary>
internal sealed class ForeignCopier(ForeignPlace place, string source) : ICopier
{
    /// <summary>Its group, and its transactional id.</summary>
    public const string Name = "foreign-copier";

    private readonly ForeignProcess _process = new(place, "copy", Name, source);

    /// <summary>Ends it at once, whatever it is doing (kill -9).</summary>
    public void Kill() => _process.Kill();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Got>> PollAsync() =>
        ForeignReader.Read(await _process.AskAsync(static id => new { id }));

    /// <inheritdoc/>
    public async Task<(Outcome Outcome, IReadOnlyList<long> Offsets, string? Error)> CommitAsync(
        IReadOnlyList<(TopicPartition To, byte[] Record)> records)
    {
        var answer = await _process.AskAsync(id => new
        {
            id,
            commit = records.Select(static one => new object[]
            {
                one.To.Topic, one.To.Partition, Encoding.ASCII.GetString(one.Record),
            }),
        });
        var error = answer.GetProperty("error").GetString();
        return (
            Enum.Parse<Outcome>(answer.GetProperty("outcome").GetString()!),
            [.. answer.GetProperty("offsets").EnumerateArray().Select(static offset => offset.GetInt64())],
            error is null ? null : $"librdkafka copier: {error}");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
