using System.CommandLine;
using Barnabas.Records;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas log stat</c></summary>
internal static class LogStat
{
    private static readonly Argument<string[]> Directories = new("directory")
    {
        Description = "data directories, or directories of partitions",
        HelpName = "DIR",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Make() => Leaf.Make(
        "stat", "count what logs hold, by the headers of their batches", [Directories], RunAsync).With(
        "barnabas log stat barnabas-data", "barnabas log stat barnabas-data -o wide");

    private static Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var partitions = LogFiles.Partitions(parsed.GetValue(Directories)!);
        var total = partitions.SelectMany(LogFiles.Segments).Sum(s => new FileInfo(s).Length);
        var table = new Table(
            "Partition", "Segments", "Bytes", "Start", "End", "Batches", "Records", "Codecs", "Oldest", "Newest",
            Column.Wide("RecordsPerBatch"), Column.Wide("BytesPerRecord"), Column.Wide("Producers"));
        var isCut = false;
        using (var progress = ProgressBar.For(parsed, total))
        {
            foreach (var directory in partitions)
            {
                stop.ThrowIfCancellationRequested();
                var found = new Counts();
                foreach (var path in LogFiles.Segments(directory))
                    found.Add(path, progress);
                found.AddTo(table, Path.GetFileName(directory));
                isCut |= found.IsCut;
            }
        }

        Document.Write(parsed, table);
        return Task.FromResult(isCut
            ? Errors.Say("a log ends in bytes that are no batch\nsee 'barnabas log verify'", ExitCode.Unhealthy)
            : ExitCode.Ok);
    }

    /// <summary>What the segments of one partition come to.</summary>
    private sealed class Counts
    {
        private readonly Dictionary<string, long> _codecs = new(StringComparer.Ordinal);
        private readonly HashSet<long> _producers = [];
        private (long Segments, long Bytes, long Batches, long Records) _sum;
        private (long? Start, long End) _offsets;
        private (long? Oldest, long? Newest) _times;

        /// <summary>True when a segment ends in bytes that are no batch.</summary>
        public bool IsCut { get; private set; }

        public void Add(string path, ProgressBar progress)
        {
            _sum.Segments++;
            _sum.Bytes += new FileInfo(path).Length;
            _offsets = (_offsets.Start ?? LogFiles.BaseOffset(path), Math.Max(_offsets.End, LogFiles.BaseOffset(path)));
            using var file = new SegmentFile(path);
            while (file.MoveNext(headerOnly: true) && BatchPlace.Read(file.Batch, file.Position) is { } place)
            {
                Add(place, file.Batch);
                progress.Advance(file.Size);
            }

            IsCut |= file.Fault is not null;
        }

        public void AddTo(Table table, string name)
        {
            var codecs = _codecs.OrderByDescending(c => c.Value).Select(c => c.Key);
            table.Add(
                name, _sum.Segments, _sum.Bytes, _offsets.Start, _offsets.End, _sum.Batches, _sum.Records,
                string.Join(',', codecs), Time(_times.Oldest), Time(_times.Newest),
                _sum.Batches == 0 ? null : Math.Round((double)_sum.Records / _sum.Batches, 1),
                _sum.Records == 0 ? null : Math.Round((double)_sum.Bytes / _sum.Records, 1), _producers.Count);
        }

        private static string? Time(long? milliseconds) => milliseconds is { } ms ? Times.Text(ms) : null;

        private void Add(BatchPlace place, ReadOnlySpan<byte> header)
        {
            _sum.Batches++;
            _offsets.End = Math.Max(_offsets.End, place.Last + 1);
            if (place.MaxTimestamp >= 0)
            {
                _times = (Math.Min(_times.Oldest ?? long.MaxValue, place.MaxTimestamp),
                    Math.Max(_times.Newest ?? 0, place.MaxTimestamp));
            }

            if (header[RecordBatch.MagicPosition] < 2)
            {
                _sum.Records++;
                return;
            }

            var batch = new RecordBatch(header);
            _sum.Records += batch.RecordCount;
            var codec = batch.Attributes.Codec.ToString().ToLowerInvariant();
            _codecs[codec] = _codecs.GetValueOrDefault(codec) + 1;
            if (batch.ProducerId.Value >= 0)
                _producers.Add(batch.ProducerId.Value);
        }
    }
}
