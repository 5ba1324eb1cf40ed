using System.Diagnostics;
using System.Globalization;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary>Sends what sources read to one topic, and waits until all of it is acknowledged.</summary>
internal sealed class ProduceRun(Session session, string topic, ProducerOptions options)
{
    /// <summary>The most records to send; null for all.</summary>
    public long? Limit { get; init; }

    /// <summary>The producer's options: what a pipe wants, then properties, then what the command line says.</summary>
    /// <exception cref="CliException">One of them is no good.</exception>
    public static ProducerOptions Options(Session session, string? acks, string? codec)
    {
        // A pipe wants throughput: large batches, and enough memory to fill the next ones while some are under way.
        var options = new ProducerOptions
        {
            BatchSize = 1_000_000,
            BufferMemory = 64 * 1024 * 1024,
            DeliveryTimeout = TimeSpan.FromSeconds(
                Math.Max(60, 2 * session.Client.Options.RequestTimeout.TotalSeconds)),
            RequestTimeout = session.Client.Options.RequestTimeout,
        }.With(session.Properties);
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        if (acks is not null)
            properties["acks"] = acks;
        if (codec is not null)
        {
            var level = codec.IndexOf(':', StringComparison.Ordinal);
            properties["compression.type"] = level < 0 ? codec : codec[..level];
            if (level >= 0)
                properties["compression.level"] = codec[(level + 1)..];
        }

        try
        {
            return options.With(properties);
        }
        catch (KafkaException fault)
        {
            throw CliException.Usage(Errors.Words(fault));
        }
    }

    /// <summary>Reads inputs to their ends, one after the other, and disposes them.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(IEnumerable<(RecordSource Source, Stream Input)> inputs, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        var (code, sink) = options.TransactionalId is { } id
            ? await RunInTransactionAsync(id, inputs, stop)
            : await RunPlainAsync(inputs, stop);
        Report(sink, Stopwatch.GetElapsedTime(started));
        return code;
    }

    private async Task<(int Code, ProduceSink Sink)> RunPlainAsync(
        IEnumerable<(RecordSource Source, Stream Input)> inputs, CancellationToken stop)
    {
        await using var producer = session.Client.CreateRawProducer(options);
        var sink = new ProduceSink(producer, topic) { Limit = Limit ?? long.MaxValue };
        var code = await ReadAsync(inputs, sink, stop);
        await producer.FlushAsync(CancellationToken.None);
        return (code, sink);
    }

    /// <summary>All or nothing: an input that was interrupted is not whole, and is aborted.</summary>
    private async Task<(int Code, ProduceSink Sink)> RunInTransactionAsync(
        string id, IEnumerable<(RecordSource Source, Stream Input)> inputs, CancellationToken stop)
    {
        await using var producer = session.Client.CreateRawTransactionalProducer(id, options);
        await using var transaction = await producer.BeginAsync(stop);
        var sink = new ProduceSink(transaction, topic) { Limit = Limit ?? long.MaxValue };
        var code = await ReadAsync(inputs, sink, stop);
        if (code == ExitCode.Ok)
            await transaction.CommitAsync(CancellationToken.None);
        else
            session.Say("interrupted: the transaction is aborted");
        return (code, sink);
    }

    private async Task<int> ReadAsync(
        IEnumerable<(RecordSource Source, Stream Input)> inputs, ProduceSink sink, CancellationToken stop)
    {
        try
        {
            foreach (var (source, input) in inputs)
            {
                using var progress = Console.IsInputRedirected || input.CanSeek
                    ? ProgressBar.For(session.Parsed, Length(input))
                    : new ProgressBar(null, null);
                await using (input)
                    await source.RunAsync(input, sink, progress, stop);
            }

            return ExitCode.Ok;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    /// <summary>Tells what was sent, if somebody asked.</summary>
    private void Report(ProduceSink sink, TimeSpan took)
    {
        if (session.IsVerbose)
            session.Say(Summary(sink, took));
        if (session.Parsed.GetResult(GlobalOptions.Output) is not { Implicit: false })
            return;
        var table = new Table("Topic", "Records", "Bytes", "Seconds");
        table.Add(topic, sink.Records, sink.Bytes, Math.Round(took.TotalSeconds, 3));
        Document.Write(session.Parsed, table);
    }

    /// <summary>How many bytes there are to read; null where nobody knows.</summary>
    private static long? Length(Stream input)
    {
        if (input.CanSeek)
            return input.Length;
        try
        {
            var file = File.ResolveLinkTarget("/proc/self/fd/0", returnFinalTarget: true) as FileInfo;
            return file is { Exists: true, Length: > 0 } ? file.Length : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string Summary(ProduceSink sink, TimeSpan took) => string.Create(
        CultureInfo.InvariantCulture,
        $"{sink.Records} records, {sink.Bytes / 1e6:0.#} MB in {took.TotalSeconds:0.##} s: "
        + $"{sink.Bytes / 1e6 / took.TotalSeconds:0.#} MB/s");
}
