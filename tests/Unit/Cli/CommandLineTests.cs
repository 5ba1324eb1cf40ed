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
    [InlineData("consume t -g g --commit -n 3 -v")]
    [InlineData("group list --state empty --type classic -o name")]
    [InlineData("group describe g h -o json")]
    [InlineData("group lag g --topic t --max 10")]
    [InlineData("group reset g --topic t:0,1 --to -5 --execute")]
    [InlineData("group reset g --shift-by -10")]
    [InlineData("group reset g --all-topics --to-datetime 2026-11-01T00:00:00.000 --dry-run")]
    [InlineData("group reset g --topic t --topic u --by-duration PT1H30M")]
    [InlineData("group delete-offsets g --topic t")]
    [InlineData("group remove-member g --instance i --reason x")]
    [InlineData("group export g h --topic t")]
    [InlineData("group import - --group g --execute")]
    [InlineData("cluster info -o json")]
    [InlineData("log dump a b -r")]
    [InlineData("bench produce --batch-size 1MiB --acks all -z lz4:3 -c 8 --rate 10000 --warm-up 0s --bytes 1GiB")]
    [InlineData("bench consume -t orders --once --check --no-session --server-pid 1 --server-pid 2")]
    [InlineData("bench e2e --rate 1000 --duration 5s --config barnabas.durability=fsync --keep")]
    [InlineData("bench connections -c 1000 --idle --svg a.svg --metrics http://127.0.0.1:9404/metrics")]
    [InlineData("bench partitions --partitions 1000 --topics 1 --json a.json")]
    [InlineData("bench groups --groups 10 --members 2 --protocol consumer")]
    [InlineData("bench soak --rate 5000 --duration 1h --acks all")]
    [InlineData("bench suite --only produce fetch --rounds 5 --each 2s --json suite.json")]
    [InlineData("bench compare a.json b.json")]
    [InlineData("version -o json")]
    [InlineData("start --data x --override a=b")]
    [InlineData("start --log-level WARN --log-format json")]
    [InlineData("start --brokers 3 --listen 19092 --data x")]
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
    [InlineData("group")]
    [InlineData("group lag")]
    [InlineData("group reset g --shift-by far")]
    [InlineData("group delete-offsets g")]
    [InlineData("bench produce --acks 2")]
    [InlineData("bench produce --batch-records 0")]
    [InlineData("bench produce --rate -1")]
    [InlineData("bench produce -c 0")]
    [InlineData("bench produce -z rar")]
    [InlineData("bench consume --partition-bytes much")]
    [InlineData("bench compare a.json")]
    [InlineData("bench produce --metrics 9404")]
    [InlineData("bench suite --rounds 0")]
    [InlineData("start --log-level LOUD")]
    [InlineData("start --brokers 0")]
    [InlineData("start --brokers 10")]
    [InlineData("start --brokers 3 --config server.properties")]
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
        Assert.Equal(new ConsumeRange(At(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000)), null),
            Range("s@1700000000000"));
        Assert.Equal(
            new ConsumeRange(
                At(new(2026, 1, 31, 12, 30, 0, TimeSpan.Zero)), At(new(2026, 2, 1, 0, 0, 5, TimeSpan.Zero))),
            Range("@2026-01-31T12:30:@2026-02-01T00:00:05"));
        Assert.Equal(
            new ConsumeRange(At(new(2026, 1, 31, 12, 30, 15, TimeSpan.Zero)), null), Range("@2026-01-31T12:30:15Z"));
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

    [Theory]
    [InlineData("64KiB", 65_536)]
    [InlineData("1gib", 1_073_741_824)]
    [InlineData("1.5 MB", 1_500_000)]
    [InlineData("12", 12)]
    public void Sizes_are_read(string text, long bytes)
    {
        Assert.True(Sizes.TryParse(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("1 apple")]
    [InlineData("GiB")]
    [InlineData("9000000000TiB")]
    [InlineData("1.2.3")]
    public void What_is_no_size_is_not_read(string text) => Assert.False(Sizes.TryParse(text, out _));

    [Theory]
    [InlineData("retention.ms=7d", "604800000")]
    [InlineData("retention.ms=-1", "-1")]
    [InlineData("retention.ms=1.5", "1.5")]
    [InlineData("retention.ms=soon", "soon")]
    [InlineData("log.retention.hours=2d", "48")]
    [InlineData("segment.bytes=1GiB", "1073741824")]
    [InlineData("cleanup.policy=1d", "1d")]
    [InlineData("cleanup.policy=", "")]
    public void Configs_are_put_into_their_unit(string pair, string value) =>
        Assert.Equal(value, ConfigValues.Split(pair).Value);

    [Fact]
    public void A_time_that_is_no_whole_number_of_its_unit_is_refused() =>
        Assert.Equal(
            ExitCode.Usage, Assert.Throws<CliException>(() => ConfigValues.Split("log.retention.hours=90m")).Code);

    private static OffsetSpec At(DateTimeOffset time) => OffsetSpec.FromTimestamp(time);

    private static ConsumeRange Range(string text, bool toEnd = false) => ConsumeRange.Parse(text, toEnd, Now);
}
