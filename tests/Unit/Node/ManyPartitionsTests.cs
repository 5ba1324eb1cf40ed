using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Partitions that are made together.</summary>
public sealed class ManyPartitionsTests
{
    [Fact]
    public void They_spread_evenly_over_the_log_directories()
    {
        var story = new NodeStory(1, "log.dirs=/a,/b,/c");
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var answer = await NodeStory.AskAsync(peer, new CreateTopicsRequest
            {
                Topics = [.. Enumerable.Range(0, 6).Select(i => new CreateTopicsRequest.CreatableTopic
                {
                    Name = $"t{i}",
                    NumPartitions = 10,
                    ReplicationFactor = 1,
                })],
                TimeoutMs = 60_000,
            });
            Assert.All(answer.Topics, static topic => Assert.Equal(ErrorCode.None, topic.ErrorCode));

            Assert.Equal((20, 20, 20), (LogsIn(story, "/a"), LogsIn(story, "/b"), LogsIn(story, "/c")));
            for (var i = 0; i < 6; i++)
            {
                var written = await NodeStory.AskAsync(
                    peer, NodeStory.Produce(answer.Topics[i].TopicId, NodeStory.Batch("x"), partition: 9));
                Assert.Equal(ErrorCode.None, written.Responses[0].PartitionResponses[0].ErrorCode);
            }
        });
    }

    private static int LogsIn(NodeStory story, string directory) =>
        story.Disk.List(directory).Count(static entry => entry.Name.StartsWith('t'));
}
