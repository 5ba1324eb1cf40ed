using Barnabas.Keeper;
using Barnabas.Wire;

namespace Barnabas.Tests.Unit.Keeper;

/// <summary>Bytes of ZooKeeper's protocol, as its jute definition lays them out.</summary>
public sealed class JuteTests
{
    [Fact]
    public void A_connect_request_is_what_a_server_expects() => Assert.Equal(
        "0000002d" + "00000000" + "0000000000000007" + "00001770" + "0000000000000009"
            + "00000010" + "0102030405060708090a0b0c0d0e0f10" + "00",
        Hex(new ConnectRequest(7, 6000, 9, Enumerable.Range(1, 16).Select(i => (byte)i).ToArray()).ToFrame()));

    [Fact]
    public void A_connect_response_is_read_with_and_without_its_last_field()
    {
        var with = Convert.FromHexString(
            "00000000" + "00001770" + "0000000000000009" + "00000002" + "0102" + "01");
        var r = new JuteReader(with);
        var response = ConnectResponse.Read(ref r);
        Assert.Equal((6000, 9L, true), (response.TimeoutMs, response.SessionId, response.IsReadOnly));
        Assert.Equal("0102", Convert.ToHexString(response.Password.Span));
        r = new JuteReader(with.AsMemory(0, with.Length - 1));
        Assert.False(ConnectResponse.Read(ref r).IsReadOnly);
    }

    [Fact]
    public void A_create_within_a_multi_is_its_path_data_acl_and_flags()
    {
        var w = new JuteWriter();
        KeeperChange.Create("/a", new byte[] { 5 }, NodeKind.EphemeralSequential)
            .At(new Chroot(""), KeeperAcl.Open).WriteRest(w);
        Assert.Equal(
            "00000024" + "00000001" + "05" + "00000001" + "0000001f" + "00000005" + "776f726c64"
                + "00000006" + "616e796f6e65" + "00000003",
            Hex(w.ToFrame()));
    }

    [Fact]
    public void Renewed_watches_come_by_kind()
    {
        var watches = new WatchTable();
        watches.OnData("/d", static _ => { });
        watches.OnAny("/t", WatchScope.Tree, static _ => { });
        Assert.Equal(
            "00000030" + "fffffff8" + "00000069" + "0000000000000003"
                + "00000001" + "00000002" + "2f64" + "00000000" + "00000000" + "00000000"
                + "00000001" + "00000002" + "2f74",
            Hex(Assert.Single(watches.Renewals(3))));
    }

    [Fact]
    public void The_numbers_of_a_node_stand_in_order()
    {
        var stat = new NodeStat
        {
            CreatedBy = 1,
            WrittenBy = 2,
            Created = DateTimeOffset.UnixEpoch.AddMilliseconds(3),
            Written = DateTimeOffset.UnixEpoch.AddMilliseconds(4),
            Version = 5,
            ChildVersion = 6,
            AclVersion = 7,
            Owner = 8,
            DataLength = 9,
            Children = 10,
            ChildrenChangedBy = 11,
        };
        var w = new JuteWriter();
        stat.Write(w);
        var frame = w.ToFrame();
        Assert.Equal(
            "00000044" + "0000000000000001" + "0000000000000002" + "0000000000000003" + "0000000000000004"
                + "00000005" + "00000006" + "00000007" + "0000000000000008" + "00000009" + "0000000a"
                + "000000000000000b",
            Hex(frame));
        var r = new JuteReader(frame[4..]);
        Assert.Equal(stat, NodeStat.Read(ref r));
    }

    [Theory]
    [InlineData("7fffffff")]
    [InlineData("00000005aa")]
    [InlineData("fffffffe")]
    [InlineData("0000")]
    public void Lengths_are_held_against_the_bytes(string hex)
    {
        var frame = Convert.FromHexString(hex);
        Assert.Throws<MalformedFrameException>(() =>
        {
            var r = new JuteReader(frame);
            r.ReadBytes();
        });
        Assert.Throws<MalformedFrameException>(() =>
        {
            var r = new JuteReader(frame);
            r.ReadStrings();
        });
    }

    [Fact]
    public void A_digest_is_that_of_the_example_in_rfc_2831()
    {
        // The RFC's example is of IMAP: service and host are given.
        var digest = new DigestMd5(
            new DigestLogin("chris", "secret"), "imap", "elwood.innosoft.com", "OA6MHXh6VqTrRk");
        Assert.True(digest.TryAnswer(
            "realm=\"elwood.innosoft.com\",nonce=\"OA6MG9tEQGm2hh\",qop=\"auth\",algorithm=md5-sess,charset=utf-8"u8,
            out var answer));
        Assert.Contains("response=d388dad90d4bbd760a152321f2143af7,", KeeperStory.Text(answer!.Value));
        Assert.True(digest.TryAnswer("rspauth=ea40f60335c427b5527b84dbabcdfffd"u8, out answer));
        Assert.Null(answer);
        Assert.False(digest.TryAnswer("rspauth=ea40f60335c427b5527b84dbabcdffff"u8, out _));
    }

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);
}
