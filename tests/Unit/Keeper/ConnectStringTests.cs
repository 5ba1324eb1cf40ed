using Barnabas.Keeper;

namespace Barnabas.Tests.Unit.Keeper;

public sealed class ConnectStringTests
{
    [Theory]
    [InlineData("zk1", "zk1:2181")]
    [InlineData("zk1:2182,zk2", "zk1:2182,zk2:2181")]
    [InlineData(" zk1 , zk2/kafka", "zk1:2181,zk2:2181/kafka")]
    [InlineData("zk1/", "zk1:2181")]
    [InlineData("[::1]:7/a/b", "[::1]:7/a/b")]
    public void It_is_read(string text, string read) => Assert.Equal(read, ConnectString.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("/kafka")]
    [InlineData("zk1:0")]
    [InlineData("zk1:x")]
    [InlineData("zk1:70000")]
    [InlineData(":1")]
    [InlineData("zk1/a//b")]
    [InlineData("zk1/a/")]
    [InlineData("zk1/a/../b")]
    public void What_is_none_is_refused(string text) =>
        Assert.Throws<FormatException>(() => ConnectString.Parse(text));

    [Theory]
    [InlineData("/", true)]
    [InlineData("/a", true)]
    [InlineData("/a.b/c..d", true)]
    [InlineData("a", false)]
    [InlineData("/a/", false)]
    [InlineData("/.", false)]
    [InlineData("/a\u0001", false)]
    public void A_path_is_one_or_none(string path, bool valid) => Assert.Equal(valid, KeeperPath.IsValid(path));
}
