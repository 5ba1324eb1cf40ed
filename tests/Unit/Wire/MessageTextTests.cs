using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Wire;

public sealed class MessageTextTests
{
    [Fact]
    public void A_message_is_shown_on_one_line()
    {
        var partition = new MetadataResponse.MetadataResponsePartition
        {
            ReplicaNodes = [new BrokerId(1), new BrokerId(2)],
        };
        var response = new MetadataResponse
        {
            ErrorCode = ErrorCode.RebootstrapRequired,
            Topics = [new() { Name = "a\"b\n", Partitions = [partition] }],
        };
        Assert.Equal(
            """{"Brokers":[],"Topics":[{"ErrorCode":"NONE","Name":"a\"b\u000a","Partitions":[""" +
            """{"ErrorCode":"NONE","PartitionIndex":0,"LeaderId":0,"ReplicaNodes":[1,2],"IsrNodes":[]}""" +
            """]}],"ErrorCode":"REBOOTSTRAP_REQUIRED"}""",
            response.ToString());
    }

    [Fact]
    public void Secrets_are_never_shown()
    {
        var request = new AlterUserScramCredentialsRequest
        {
            Upsertions = [new() { Name = "alice", Mechanism = 1, Salt = new byte[3], SaltedPassword = new byte[4] }],
        };
        Assert.Equal(
            """{"Deletions":[],"Upsertions":[{"Name":"alice","Mechanism":1,"Iterations":0,"Salt":"***",""" +
            """
            "SaltedPassword":"***"}]}
            """,
            request.ToString());
        var config = new ConfigRecord { Name = "ssl.key.password", Value = "hunter2" };
        Assert.DoesNotContain("hunter2", config.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_are_counted()
    {
        var text = new PushTelemetryRequest { Metrics = new byte[5] }.ToString();
        Assert.EndsWith(",\"CompressionType\":0,\"Metrics\":\"5 bytes\"}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_lists_are_cut()
    {
        var text = new DescribeGroupsRequest { Groups = [.. Enumerable.Repeat("group", 100_000)] }.ToString();
        Assert.InRange(text.Length, 16_000, 17_000);
        Assert.Contains("more\"]", text, StringComparison.Ordinal);
    }
}
