using Barnabas.Base;
using Barnabas.Server;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Server;

public sealed class ApiVersionsTests
{
    private static readonly Features Some = new(
        [("group.version", new(0, 1)), ("metadata.version", new(7, 27))],
        [("group.version", 0), ("metadata.version", 27)], 5);

    [Theory]
    [InlineData("0000000d 0012 0063 00000001 0003 636c69")]
    [InlineData("0000000e 0012 0005 00000001 0003 636c69 00")]
    [InlineData("0000000d 0012 ffff 00000001 0003 636c69")]
    public void An_unknown_version_is_answered_in_version_0_with_the_versions_known(string request)
    {
        var story = new ServerStory();
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(Hex(request));
            Assert.Equal(Hex("00000001 0023 00000001 0012 0000 0004"), await client.ReadAsync());

            await client.SendAsync(RawClient.Echo(2));
            Assert.Equal((2, "hello"), await client.ReadTextAsync());
        });
    }

    [Fact]
    public void The_answer_to_version_0_lists_what_is_served()
    {
        var story = new ServerStory();
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(Hex("0000000d 0012 0000 00000001 0003 636c69"));
            Assert.Equal(
                Hex("00000001 0000 00000002 0012 0000 0004 0024 0000 0002"), await client.ReadAsync());
        });
    }

    [Fact]
    public void The_answer_to_version_3_has_a_plain_header_and_leaves_out_features_from_0()
    {
        var answer = Ask(3, "my-client", "1.0");
        Assert.Equal(["metadata.version 7-27"], Supported(answer));
        Assert.Equal(["metadata.version 27-27"], Finalized(answer));
        Assert.Equal(5, answer.FinalizedFeaturesEpoch);
    }

    [Fact]
    public void The_answer_to_version_4_has_features_from_0_too()
    {
        var answer = Ask(4, "my-client", "1.0");
        Assert.Equal(["group.version 0-1", "metadata.version 7-27"], Supported(answer));
        Assert.Equal(["metadata.version 27-27"], Finalized(answer));
    }

    [Theory]
    [InlineData("apache-kafka-java", "4.2.1", ErrorCode.None)]
    [InlineData("a", "1", ErrorCode.None)]
    [InlineData("-a", "1", ErrorCode.InvalidRequest)]
    [InlineData("a.", "1", ErrorCode.InvalidRequest)]
    [InlineData("a b", "1", ErrorCode.InvalidRequest)]
    [InlineData("ä", "1", ErrorCode.InvalidRequest)]
    [InlineData("", "1", ErrorCode.InvalidRequest)]
    [InlineData("a", "", ErrorCode.InvalidRequest)]
    public void A_client_must_have_a_proper_name(string name, string version, ErrorCode expected)
    {
        var answer = Ask(3, name, version);
        Assert.Equal(expected, answer.ErrorCode);
        Assert.Equal(expected == ErrorCode.None ? 2 : 0, answer.ApiKeys.Count);
    }

    [Fact]
    public void The_connection_remembers_what_the_client_is()
    {
        var story = new ServerStory();
        (string?, string?) seen = default;
        story.Echo.Serve = (context, request) =>
        {
            seen = (context.Connection.SoftwareName, context.Connection.SoftwareVersion);
            return ServerStory.EchoHandler.Answer(request);
        };
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            var hello = new ApiVersionsRequest
            {
                ClientSoftwareName = "librdkafka",
                ClientSoftwareVersion = "2.15.0",
            };
            await client.SendAsync([RawClient.Request(hello, 3, 1), RawClient.Echo(2)]);
            await client.ReadAsync();
            await client.ReadAsync();
        });
        Assert.Equal(("librdkafka", "2.15.0"), seen);
    }

    [Fact]
    public void More_versions_may_be_shown_than_are_served()
    {
        var apis = new ApiTable();
        apis.Add(new ApiVersionsApi(apis, () => Features.None), served: new(1, 4), advertised: new(0, 4));
        var entry = Assert.Single(apis.Entries);
        Assert.Equal((new VersionRange(1, 4), new VersionRange(0, 4)), (entry.Served, entry.Advertised));
        Assert.Throws<InvariantBrokenException>(() => apis.Add(new ApiVersionsApi(apis, () => Features.None)));
    }

    [Fact]
    public void Who_serves_an_api_is_made_once_for_its_first_request()
    {
        var made = 0;
        var apis = new ApiTable();
        apis.Add(ApiKey.ApiVersions, Make);
        var entry = Assert.Single(apis.Entries);
        Assert.Equal(0, made);
        Assert.Same(entry.Service, entry.Service);
        Assert.Equal(1, made);

        ApiService Make()
        {
            made++;
            return ApiService.Of(new ApiVersionsApi(apis, () => Features.None));
        }
    }

    [Fact]
    public void What_serves_another_api_is_refused()
    {
        var apis = new ApiTable();
        apis.Add(ApiKey.Fetch, () => ApiService.Of(new ApiVersionsApi(apis, () => Features.None)));
        Assert.Throws<InvariantBrokenException>(() => Assert.Single(apis.Entries).Service);
    }

    private static ApiVersionsResponse Ask(short version, string name, string softwareVersion)
    {
        var story = new ServerStory { Features = Some };
        byte[]? frame = null;
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            var request =
                new ApiVersionsRequest { ClientSoftwareName = name, ClientSoftwareVersion = softwareVersion };
            await client.SendAsync(RawClient.Request(request, version, 77));
            frame = await client.ReadAsync();
        });
        var reader = new WireReader(frame);
        Assert.Equal(77, reader.ReadInt32());
        var answer = ApiVersionsResponse.Read(ref reader, version);
        reader.End();
        return answer;
    }

    private static string[] Supported(ApiVersionsResponse answer) =>
        [.. answer.SupportedFeatures.Select(f => $"{f.Name} {f.MinVersion}-{f.MaxVersion}")];

    private static string[] Finalized(ApiVersionsResponse answer) =>
        [.. answer.FinalizedFeatures.Select(f => $"{f.Name} {f.MinVersionLevel}-{f.MaxVersionLevel}")];

    private static byte[] Hex(string text) =>
        Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}
