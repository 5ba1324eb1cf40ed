using Barnabas.Cli;
using Barnabas.Cli.Commands;
using Barnabas.Client;

namespace Barnabas.Tests.Unit.Cli;

public sealed class CommandLineTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("topic create orders -p 6 -r 3 --config a=b -c c=d")]
    [InlineData("topic list -o json -b h:1")]
    [InlineData("-b h:1 topic describe a b c")]
    [InlineData("topic alter t --partitions 3")]
    [InlineData("topic delete t --if-exists")]
    [InlineData("config get topic t retention.ms")]
    [InlineData("config set broker 1 a=1 b=2 --dry-run")]
    [InlineData("config list topic t --changed -o json")]
    [InlineData("produce t -k key -H a=b -H c=d -p 0 -z lz4 --acks all -Z")]
    [InlineData("produce t --input json -X linger.ms=1 -X acks=1")]
    [InlineData("consume t -o -5 -e -n 10 -p 0,1")]
    [InlineData("consume t u -o json -o earliest -f x --timeout 5s")]
    [InlineData("cluster info -o json")]
    [InlineData("log dump a b -r")]
    [InlineData("version -o json")]
    [InlineData("start --data x --override a=b")]
    public void Commands_parse(string line) => Assert.Empty(CommandLine.Parse(line.Split(' ')).Errors);

    [Theory]
    [InlineData("topic")]
    [InlineData("topic create")]
    [InlineData("topic creat t")]
    [InlineData("produce")]
    [InlineData("topic list -o xml")]
    [InlineData("topic list --timeout soon")]
    [InlineData("config get thing t k")]
    [InlineData("topic create t -p many")]
    public void What_is_wrong_is_refused(string line) => Assert.NotEmpty(CommandLine.Parse(line.Split(' ')).Errors);

    [Theory]
    [InlineData("topc", "topic", " (did you mean 'topic'?)")]
    [InlineData("order", "orders", " (did you mean 'orders'?)")]
    [InlineData("ordres", "orders", " (did you mean 'orders'?)")]
    [InlineData("payments", "orders", "")]
    public void Near_names_are_suggested(string name, string known, string hint) =>
        Assert.Equal(hint, Suggestions.For(name, [known, "zzzzzzzzzzzzz"]));

    [Fact]
    public void Ranges_are_read()
    {
        Assert.Equal(new ConsumeRange(OffsetSpec.Earliest, null), Range("earliest"));
        Assert.Equal(new ConsumeRange(OffsetSpec.Latest, null), Range("end"));
        Assert.Equal(new ConsumeRange(OffsetSpec.At(7), null), Range("7"));
        Assert.Equal(new ConsumeRange(OffsetSpec.FromEnd(5), OffsetSpec.Latest), Range("-5", toEnd: true));
        Assert.Equal(new ConsumeRange(OffsetSpec.At(7), OffsetSpec.At(9)), Range("7:9"));
        Assert.Equal(new ConsumeRange(At(Now.AddHours(-1)), At(Now)), Range("@1h:@now"));
        Assert.Equal(new ConsumeRange(At(Now.AddDays(-2)), OffsetSpec.Latest), Range("@2d:end"));
        Assert.Equal(new ConsumeRange(At(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000)), null), Range("s@1700000000000"));
        Assert.Equal(
            new ConsumeRange(At(new(2026, 1, 31, 12, 30, 0, TimeSpan.Zero)), At(new(2026, 2, 1, 0, 0, 5, TimeSpan.Zero))),
            Range("@2026-01-31T12:30:@2026-02-01T00:00:05"));
        Assert.Equal(new ConsumeRange(At(new(2026, 1, 31, 12, 30, 15, TimeSpan.Zero)), null), Range("@2026-01-31T12:30:15Z"));
        Assert.Throws<CliException>(() => Range("soon"));
    }

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("10s", 10_000)]
    [InlineData("1.5m", 90_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("250", 250)]
    public void Lengths_of_time_are_read(string text, double milliseconds)
    {
        Assert.True(Durations.TryParse(text, out var time));
        Assert.Equal(milliseconds, time.TotalMilliseconds);
    }

    private static OffsetSpec At(DateTimeOffset time) => OffsetSpec.FromTimestamp(time);

    private static ConsumeRange Range(string text, bool toEnd = false) => ConsumeRange.Parse(text, toEnd, Now);
}
