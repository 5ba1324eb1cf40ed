using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Tests.Unit.Client.Groups;

/// <summary>What members tell each other, byte for byte; the bytes of version 0 were written by kafka-python.</summary>
public sealed class ConsumerProtocolTests
{
    private const string Subscription = "000000000002" + "00066f7264657273" + "00077ac3bc72696368" + "00000000";
    private const string WithData = "000000000001" + "000161" + "000000020102";
    private const string Assignment = "000000000002" + "000161" + "000000020000000000000002"
        + "000162" + "0000000100000001" + "00000000";

    private const string Sticky = "00000002" + "000161" + "000000020000000000000002" + "000162" + "0000000100000001"
        + "00000007";

    private static readonly TopicPartition[] Partitions = [new("a", 0), new("a", 2), new("b", 1)];

    [Fact]
    public void A_subscription_of_another_client_is_read()
    {
        var read = ConsumerProtocol.ReadSubscription("m", null, Convert.FromHexString(Subscription));
        Assert.Equal(["orders", "zürich"], read.Topics);
        Assert.Equal(
            ("m", null, -1, null, true),
            (read.MemberId, read.InstanceId, read.Generation, read.Rack, read.UserData.IsEmpty));
        Assert.Empty(read.Owned);
    }

    [Fact]
    public void A_subscription_is_written_as_others_write_it()
    {
        var member = new MemberSubscription("m", null, ["a"]) { UserData = new byte[] { 1, 2 } };
        Assert.Equal(WithData, Convert.ToHexStringLower(ConsumerProtocol.Write(member, version: 0)));
        var read = ConsumerProtocol.ReadSubscription("m", null, Convert.FromHexString(WithData));
        Assert.Equal([1, 2], read.UserData.ToArray());
    }

    [Fact]
    public void An_assignment_of_another_client_is_read()
    {
        Assert.Equal(Partitions, ConsumerProtocol.ReadAssignment(Convert.FromHexString(Assignment)));
        Assert.Empty(ConsumerProtocol.ReadAssignment(Convert.FromHexString("00000000000000000000")));
        Assert.Empty(ConsumerProtocol.ReadAssignment(default));
    }

    [Fact]
    public void An_assignment_differs_from_another_clients_in_having_no_data_at_all() => Assert.Equal(
        Assignment[..^8] + "ffffffff",
        Convert.ToHexStringLower(ConsumerProtocol.Write(Partitions.Reverse(), version: 0)));

    [Fact]
    public void All_a_member_says_comes_back()
    {
        var member = new MemberSubscription("m", "i", ["a", "b"])
        {
            Owned = Partitions,
            Generation = 7,
            Rack = "north",
            UserData = new byte[] { 9 },
        };
        var read = ConsumerProtocol.ReadSubscription("m", "i", ConsumerProtocol.Write(member));
        Assert.Equal(member.Topics, read.Topics);
        Assert.Equal(member.Owned, read.Owned);
        Assert.Equal((7, "north", (byte)9), (read.Generation, read.Rack, read.UserData.Span[0]));
    }

    [Fact]
    public void A_version_to_come_is_read_as_far_as_it_is_known()
    {
        var bytes = ConsumerProtocol.Write(new MemberSubscription("m", null, ["a"]) { Generation = 4 });
        bytes[1] = 9;
        Assert.Equal(4, ConsumerProtocol.ReadSubscription("m", null, (byte[])[.. bytes, 1, 2, 3]).Generation);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("ffff00000000")]
    [InlineData("00007fffffff")]
    [InlineData("0000000000010005")]
    public void What_is_no_subscription_is_told(string hex) => Assert.Equal(
        ErrorCode.InconsistentGroupProtocol,
        Assert.Throws<KafkaException>(
            () => ConsumerProtocol.ReadSubscription("m", null, Convert.FromHexString(hex))).Code);

    [Fact]
    public void What_a_sticky_member_had_is_written_as_others_write_it()
    {
        Assert.Equal(Sticky, Convert.ToHexStringLower(StickyUserData.Write(Partitions, 7)));
        var (owned, generation) = StickyUserData.Read(Convert.FromHexString(Sticky));
        Assert.Equal(Partitions, owned);
        Assert.Equal(7, generation);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7fffffff")]
    [InlineData("000000020001")]
    public void What_is_no_sticky_data_is_nothing(string hex)
    {
        var (owned, generation) = StickyUserData.Read(Convert.FromHexString(hex));
        Assert.Empty(owned);
        Assert.Equal(-1, generation);
    }

    [Fact]
    public void Sticky_data_of_old_members_has_no_generation()
    {
        var (owned, generation) = StickyUserData.Read(Convert.FromHexString(Sticky[..^8]));
        Assert.Equal(Partitions, owned);
        Assert.Equal(-1, generation);
    }
}
