using System.Text;
using Barnabas.Cli;
using Barnabas.Records;

namespace Barnabas.Tests.Unit.Cli;

public sealed class FormatStringTests
{
    [Theory]
    [InlineData("%s\\n", "hello\n")]
    [InlineData("%v", "hello")]
    [InlineData("%k=%s", "key=hello")]
    [InlineData("%t %p %o", "topic 3 40")]
    [InlineData("%S %K %V", "5 3 5")]
    [InlineData("%T", "1700000000123")]
    [InlineData("%h", "a=1,b=NULL,a=2")]
    [InlineData("%H", "3")]
    [InlineData("%h{%k:%v;}", "a:1;b:;a:2;")]
    [InlineData("%h{<%k %v{hex}>\\t}", "<a 31>\t<b >\t<a 32>\t")]
    [InlineData("%d", "2023-11-14T22:13:20.123Z")]
    [InlineData("%d{strftime[%F %T]}", "2023-11-14 22:13:20")]
    [InlineData("%d{strftime[%Y%m%d %s %j %%]}", "20231114 1700000000 318 %")]
    [InlineData("%s{hex}", "68656c6c6f")]
    [InlineData("%s{base64}", "aGVsbG8=")]
    [InlineData("%s{json}", "\"hello\"")]
    [InlineData("%s{unpack[b>H $]}", null)]
    [InlineData("%s{unpack[b >H <H]}", "104 25964 28524")]
    [InlineData("%k{unpack[cs$]}", "key")]
    [InlineData("%p{hex} %p{big32}", "3 \0\0\0\u0003")]
    [InlineData("%p{little16}", "\u0003\0")]
    [InlineData("%e %a %a{compression}", "7 none none")]
    [InlineData("%x %y", "-1 -1")]
    [InlineData("%[ %| %]", "1 90 99")]
    [InlineData("%t{len}", "5")]
    [InlineData("100%% \\x41\\x0a é ∑", "100% A\n é ∑")]
    public void Fields_are_printed(string format, string? printed)
    {
        if (printed is null)
            Assert.Throws<CliException>(() => Print(format));
        else
            Assert.Equal(printed, Print(format));
    }

    [Theory]
    [InlineData("%q")]
    [InlineData("%")]
    [InlineData("%s{hexx}")]
    [InlineData("%s{hex")]
    [InlineData("\\q")]
    [InlineData("\\x4")]
    [InlineData("%d{strftime[%Q]}")]
    [InlineData("%p{huge}")]
    [InlineData("%a{color}")]
    [InlineData("%s{unpack[z]}")]
    public void What_is_no_format_is_a_usage_error(string format) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CliException>(() => FormatString.Parse(format)).Code);

    private static string Print(string format)
    {
        using var builder = new BatchBuilder();
        builder.Append(
            1_700_000_000_123, "key"u8, "hello"u8,
            [new("a", "1"u8.ToArray()), new("b", null), new("a", "2"u8.ToArray())]);
        var batch = builder.Build(new BatchOptions { BaseOffset = new(40), LeaderEpoch = new(7) }).ToArray();
        var stream = new MemoryStream();
        using (var to = new StdOut(stream))
        {
            using var fetched = Fetched.Of(batch);
            using var cursor = fetched.GetEnumerator();
            Assert.True(cursor.MoveNext());
            FormatString.Parse(format).Write(to, fetched, in cursor);
            Assert.False(cursor.MoveNext());
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
