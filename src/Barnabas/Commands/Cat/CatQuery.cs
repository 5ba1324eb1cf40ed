using System.CommandLine;
using System.Globalization;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas cat -Q</c>: offsets by time, in kcat's words.</summary>
internal static class CatQuery
{
    private const long Latest = -1;
    private const long Earliest = -2;

    public static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var places = (parsed.GetValue(CatOptions.Topic) ?? []).Select(Read).ToList();
        if (places.Count == 0)
            throw CliException.Usage("give places with -t TOPIC:PARTITION:MS");
        await using var session = await Session.OpenAsync(parsed, stop);
        using var to = new StdOut();
        foreach (var (partition, place) in places)
        {
            if (partition.Partition >= (await session.TopicAsync(partition.Topic, stop)).Partitions.Count)
                throw new CliException(ExitCode.NotFound, $"there is no partition {partition}");
            var found = await session.Client.Admin.ListOffsetsAsync([(partition, place)], stop: stop);
            to.WriteLine($"{partition.Topic} [{partition.Partition}] offset {found[partition].Offset.Value}");
        }

        return ExitCode.Ok;
    }

    private static (TopicPartition, OffsetSpec) Read(string text)
    {
        if (text.Split(':') is not [var topic, var index, var time]
            || !int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !long.TryParse(time, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds)
            || milliseconds < Earliest || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            throw CliException.Usage(
                $"'{text}' is no place: TOPIC:PARTITION:MS is, with -1 for the end and -2 for the beginning");
        }

        return (new(topic, partition), milliseconds switch
        {
            Latest => OffsetSpec.Latest,
            Earliest => OffsetSpec.Earliest,
            _ => OffsetSpec.FromTimestamp(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)),
        });
    }
}
