using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Replication;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Shows the log directories of this broker and what is in them (KIP-113, KIP-827).</summary>
public sealed class DescribeLogDirsApi(Broker broker) : IApiHandler<DescribeLogDirsRequest, DescribeLogDirsResponse>
{
    /// <inheritdoc/>
    public Pending<DescribeLogDirsResponse> Handle(RequestContext context, DescribeLogDirsRequest request) =>
        Pending<DescribeLogDirsResponse>.InOrder(AnswerAsync(request));

    private async Task<DescribeLogDirsResponse?> AnswerAsync(DescribeLogDirsRequest request)
    {
        var wanted = request.Topics?
            .SelectMany(topic => topic.Partitions.Select(index => new TopicPartition(topic.Topic, index)))
            .ToHashSet();
        var contents = await broker.Replicas.DescribeDirectoriesAsync();
        var results = await broker.Host.Lanes.RunBlockingAsync(
            () => contents.Select(content => Describe(content, wanted)).ToList());
        return new DescribeLogDirsResponse { Results = results };
    }

    /// <summary>One directory. Blocks: it asks the file system for its size.</summary>
    private static DescribeLogDirsResponse.DescribeLogDirsResult Describe(
        DirectoryContent content, HashSet<TopicPartition>? wanted)
    {
        var answer = new DescribeLogDirsResponse.DescribeLogDirsResult { LogDir = content.Path };
        if (SpaceOf(content.Directory) is not { } space)
        {
            answer.ErrorCode = ErrorCode.KafkaStorageError;
            return answer;
        }

        (answer.TotalBytes, answer.UsableBytes) = space;

        var logs = content.Logs.Where(log => wanted is null || wanted.Contains(log.Partition));
        foreach (var topic in logs.GroupBy(log => log.Partition.Topic).OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            answer.Topics.Add(new()
            {
                Name = topic.Key,
                Partitions = [.. topic.OrderBy(log => log.Partition).Select(Describe)],
            });
        }

        return answer;
    }

    /// <summary>The sizes of the file system; null where the directory is offline or the machine refuses.</summary>
    private static (long Total, long Free)? SpaceOf(LogDirectory? directory)
    {
        try
        {
            return directory is { IsOffline: false } ? directory.Space() : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static DescribeLogDirsResponse.DescribeLogDirsPartition Describe(HostedLog log) => new()
    {
        PartitionIndex = log.Partition.Partition,
        PartitionSize = log.Bytes,
        OffsetLag = log.Lag,
        IsFutureKey = log.IsFuture,
    };
}
