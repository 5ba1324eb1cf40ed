using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Wire;

public sealed class MessageTextTests
{
    [Fact]
    public void A_message_is_shown_on_one_line()
    {
        var response = new MetadataResponse
        {
            ErrorCode = ErrorCode.RebootstrapRequired,
            Topics = [new() { Name = "a\"b\n", Partitions = [new() { ReplicaNodes = [new BrokerId(1), new BrokerId(2)] }] }],
        };
        Assert.Equal(
            """{"Brokers":[],"Topics":[{"ErrorCode":"NONE","Name":"a\"b\u000a","Partitions":[{"ErrorCode":"NONE","Part""" +
            """itionIndex":0,"LeaderId":0,"ReplicaNodes":[1,2],"IsrNodes":[]}]}],"ErrorCode":"REBOOTSTRAP_REQUIRED"}""",
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
            """{"Deletions":[],"Upsertions":[{"Name":"alice","Mechanism":1,"Iterations":0,"Salt":"***","SaltedPassword":"***"}]}""",
            request.ToString());
        Assert.DoesNotContain("hunter2", new ConfigRecord { Name = "p", Value = "hunter2" }.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_are_counted_and_long_lists_are_cut()
    {
        Assert.Equal("""{"CompressionType":0,"Metrics":"5 bytes"}""", new PushTelemetryRequest
        {
            Metrics = new byte[5],
        }.ToString()[("""{"ClientInstanceId":"AAAAAAAAAAAAAAAAAAAAAA","SubscriptionId":0,"Terminating":false,""".Length)..].Insert(0, "{"));
        var many = new DescribeGroupsRequest { Groups = [.. Enumerable.Repeat("group", 100_000)] };
        Assert.InRange(many.ToString().Length, 16_000, 17_000);
        Assert.Contains("more\"]", many.ToString(), StringComparison.Ordinal);
    }
}
