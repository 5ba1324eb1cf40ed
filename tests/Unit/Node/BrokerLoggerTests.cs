using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Wire.Messages;
using Microsoft.Extensions.Logging;

namespace Barnabas.Tests.Unit.Node;

/// <summary>The levels of loggers, described and changed as configs of BROKER_LOGGER (KIP-412).</summary>
public sealed class BrokerLoggerTests
{
    private const string Logger = "Barnabas.Server.SocketServer";
    private const sbyte OfLoggers = 8;
    private const sbyte Set = 0;
    private const sbyte Delete = 1;

    public static TheoryData<string, string, sbyte, string?, ErrorCode, string?> Requests => new()
    {
        { "1", Logger, Set, "DEBUG", ErrorCode.None, null },
        { "1", "Barnabas.Server", Set, "OFF", ErrorCode.None, null },
        { "1", "root", Set, "FATAL", ErrorCode.None, null },
        { "1", Logger, Delete, null, ErrorCode.None, null },
        {
            "1", "root", Delete, null, ErrorCode.InvalidRequest,
            "Removing the log level of the root logger is not allowed"
        },
        { "1", "Barnabas.Serv", Set, "INFO", ErrorCode.InvalidConfig, "Logger Barnabas.Serv does not exist!" },
        { "1", "no.such", Delete, null, ErrorCode.InvalidConfig, "Logger no.such does not exist!" },
        {
            "1", Logger, Set, "LOUD", ErrorCode.InvalidConfig,
            $"Cannot set the log level of {Logger} to LOUD as it is not a supported log level. "
                + "Valid log levels are TRACE, DEBUG, INFO, WARN, ERROR, FATAL, OFF"
        },
        {
            "1", Logger, 2, "INFO", ErrorCode.InvalidRequest,
            "APPEND operation is not allowed for the BROKER_LOGGER resource"
        },
        {
            "1", Logger, 3, "INFO", ErrorCode.InvalidRequest,
            "SUBTRACT operation is not allowed for the BROKER_LOGGER resource"
        },
        {
            "1", Logger, 9, "INFO", ErrorCode.InvalidRequest,
            "Unknown operation type 9 is not allowed for the BROKER_LOGGER resource"
        },
        { "2", Logger, Set, "INFO", ErrorCode.InvalidRequest, "Unexpected node id. Expected 1, but received 2" },
        { "one", Logger, Set, "INFO", ErrorCode.InvalidRequest, "Node id must be an integer, but it is: one" },
        { "", Logger, Set, "INFO", ErrorCode.InvalidRequest, "Node id must be an integer, but it is: " },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void Changes_are_checked(
        string broker, string logger, sbyte operation, string? level, ErrorCode code, string? message)
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await StartAsync(story);
            await using var peer = await story.DialAsync();
            var before = node.Broker.Host.LogLevels.Set.ToList();
            var checkedOnly = await AlterAsync(peer, broker, logger, operation, level, validateOnly: true);
            Assert.Equal((code, message), (checkedOnly.ErrorCode, checkedOnly.ErrorMessage));
            Assert.Equal(before, node.Broker.Host.LogLevels.Set);

            var answer = await AlterAsync(peer, broker, logger, operation, level);
            Assert.Equal((code, message), (answer.ErrorCode, answer.ErrorMessage));
            if (code == ErrorCode.None && level is not null)
                Assert.Equal(level, node.Broker.Host.LogLevels.Of(logger).KafkaName());
        });
    }

    [Fact]
    public void A_logger_has_the_level_it_was_given_until_that_is_taken_back()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await StartAsync(story);
            await using var peer = await story.DialAsync();
            Assert.Equal([$"{Logger}=INFO", "root=INFO"], await DescribeAsync(peer));
            await AlterAsync(peer, "1", Logger, Set, "TRACE");
            Assert.Equal([$"{Logger}=TRACE", "root=INFO"], await DescribeAsync(peer));
            await AlterAsync(peer, "1", "root", Set, "ERROR");
            await AlterAsync(peer, "1", Logger, Delete, null);
            Assert.Equal([$"{Logger}=ERROR", "root=ERROR"], await DescribeAsync(peer));
            Assert.Equal(["root=ERROR"], await DescribeAsync(peer, "root"));
        });
    }

    [Theory]
    [InlineData("", "Broker id must not be empty")]
    [InlineData("x", "Broker id must be an integer, but it is: x")]
    [InlineData("7", "Unexpected broker id, expected 1 but received 7")]
    public void Loggers_of_other_brokers_cannot_be_described_here(string broker, string message)
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await StartAsync(story);
            await using var peer = await story.DialAsync();
            var answer = await NodeStory.AskAsync(peer, new DescribeConfigsRequest
            {
                Resources = [new() { ResourceType = OfLoggers, ResourceName = broker, ConfigurationKeys = null }],
            });
            Assert.Equal(
                (ErrorCode.InvalidRequest, message), (answer.Results[0].ErrorCode, answer.Results[0].ErrorMessage));
        });
    }

    [Fact]
    public void Loggers_and_other_resources_are_answered_in_the_order_of_the_request()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await StartAsync(story);
            await using var peer = await story.DialAsync();
            await NodeStory.CreateAsync(peer, "orders");
            var answer = await NodeStory.AskAsync(peer, new IncrementalAlterConfigsRequest
            {
                Resources =
                [
                    Resource(2, "orders", "retention.ms", "5"), Resource(OfLoggers, "1", "root", "WARN"),
                    Resource(2, "missing", "retention.ms", "5"), Resource(OfLoggers, "2", "root", "INFO"),
                    Resource(OfLoggers, "2", "root", "WARN"), Resource(4, "1", "max.connections", "5"),
                ],
            });
            Assert.Equal(
                [
                    (2, "orders", ErrorCode.None), (8, "1", ErrorCode.None),
                    (2, "missing", ErrorCode.UnknownTopicOrPartition), (8, "2", ErrorCode.InvalidRequest),
                    (8, "2", ErrorCode.InvalidRequest), (4, "1", ErrorCode.None),
                ],
                answer.Responses.Select(r => ((int)r.ResourceType, r.ResourceName, r.ErrorCode)));
            Assert.Equal(LogLevel.Warning, node.Broker.Host.LogLevels.Of("root"));
        });
    }

    private static async Task<Barnabas.Node.BrokerNode> StartAsync(NodeStory story)
    {
        var node = await story.StartAsync();
        node.Broker.Host.LogLevels.SwitchOf(Logger);
        return node;
    }

    private static async Task<IEnumerable<string>> DescribeAsync(Peer peer, params string[] keys)
    {
        var answer = await NodeStory.AskAsync(peer, new DescribeConfigsRequest
        {
            Resources = [new() { ResourceType = OfLoggers, ResourceName = "1", ConfigurationKeys = [.. keys] }],
            IncludeSynonyms = true,
            IncludeDocumentation = true,
        });
        Assert.Equal((ErrorCode.None, null), (answer.Results[0].ErrorCode, answer.Results[0].ErrorMessage));
        Assert.All(answer.Results[0].Configs, entry => Assert.Equal(
            (6, false, false, 0),
            ((int)entry.ConfigSource, entry.ReadOnly, entry.IsSensitive, entry.Synonyms.Count)));
        return answer.Results[0].Configs.Select(entry => $"{entry.Name}={entry.Value}");
    }

    private static async Task<IncrementalAlterConfigsResponse.AlterConfigsResourceResponse> AlterAsync(
        Peer peer, string broker, string logger, sbyte operation, string? level, bool validateOnly = false) =>
        (await NodeStory.AskAsync(peer, new IncrementalAlterConfigsRequest
        {
            ValidateOnly = validateOnly,
            Resources = [Resource(OfLoggers, broker, logger, level, operation)],
        })).Responses[0];

    private static IncrementalAlterConfigsRequest.AlterConfigsResource Resource(
        sbyte type, string name, string config, string? value, sbyte operation = Set) => new()
        {
            ResourceType = type,
            ResourceName = name,
            Configs = [new() { Name = config, Value = value, ConfigOperation = operation }],
        };
}
