using Barnabas.Cli;
using Barnabas.Cli.Commands;
using Barnabas.Client;

namespace Barnabas.Tests.Unit.Cli;

/// <summary>Which positions of a group are meant, where they are to go, and the files they are kept in.</summary>
public sealed class GroupPositionTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private static readonly StoredPosition Orders3 = new("billing", new("orders", 3), new(640_112));

    [Fact]
    public void Files_of_one_group_name_none()
    {
        Assert.Equal("orders,3,640112", PositionFile.Line(Orders3 with { Group = null }));
        Assert.Equal([Orders3 with { Group = null }], Read("orders,3,640112\n"));
    }

    [Fact]
    public void Files_of_several_groups_name_them()
    {
        Assert.Equal("billing,orders,3,640112", PositionFile.Line(Orders3));
        Assert.Equal(
            [Orders3, new StoredPosition("audit", new("orders", 3), new(0))],
            Read("billing,orders,3,640112\r\n\naudit,orders,3,0"));
    }

    [Theory]
    [InlineData("a,b", "\"a,b\",orders,3,640112")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\",orders,3,640112")]
    [InlineData(" a", "\" a\",orders,3,640112")]
    [InlineData("a b", "a b,orders,3,640112")]
    [InlineData("\"", "\"\"\"\",orders,3,640112")]
    public void Ids_of_any_kind_go_there_and_back(string group, string line)
    {
        var position = Orders3 with { Group = group };
        Assert.Equal(line, PositionFile.Line(position));
        Assert.Equal([position], Read(line));
    }

    [Fact]
    public void What_others_put_in_quotes_is_read() =>
        Assert.Equal([Orders3], Read("\"billing\",\"orders\",\"3\",\"640112\""));

    [Theory]
    [InlineData("orders,3")]
    [InlineData("orders,3,640112,7,8")]
    [InlineData("orders,three,640112")]
    [InlineData("orders,3,-1")]
    [InlineData("orders,-3,1")]
    [InlineData("orders,3,99999999999999999999")]
    [InlineData(",3,1")]
    [InlineData(",orders,3,1")]
    [InlineData("\"orders,3,1")]
    [InlineData("\"or\"ders,3,1")]
    [InlineData("topic,partition,offset")]
    public void What_is_no_position_is_refused_with_its_line(string line)
    {
        var fault = Assert.Throws<CliException>(() => Read($"orders,0,1\n\n{line}\n"));
        Assert.Equal(ExitCode.Usage, fault.Code);
        Assert.Contains("line 3 ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_partition_stands_in_a_file_once() => Assert.Contains(
        "line 2 of the file names orders-3 again",
        Assert.Throws<CliException>(() => Read("orders,3,1\norders,3,2")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("orders", 7, true)]
    [InlineData("orders:0,7", 7, true)]
    [InlineData("orders:0,3", 7, false)]
    [InlineData("payments", 7, false)]
    public void A_scope_is_a_topic_or_some_of_its_partitions(string text, int partition, bool holds) =>
        Assert.Equal(holds, Assert.Single(TopicScope.Parse([text])).Holds(new("orders", partition)));

    [Theory]
    [InlineData("")]
    [InlineData(":0")]
    [InlineData("orders:")]
    [InlineData("orders:0,x")]
    [InlineData("orders:-1")]
    public void What_is_no_scope_is_refused(string text) => Assert.Throws<CliException>(() => TopicScope.Parse([text]));

    [Fact]
    public void Targets_are_read_in_our_words_and_in_kafkas()
    {
        var hour = new ResetTarget(OffsetSpec.FromTimestamp(Now.AddHours(-1)));
        var january = new ResetTarget(OffsetSpec.FromTimestamp(new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero)));
        (string Line, ResetTarget Target)[] cases =
        [
            ("--to earliest", new(OffsetSpec.Earliest)), ("--to-earliest", new(OffsetSpec.Earliest)),
            ("--to latest", new(OffsetSpec.Latest)), ("--to-latest", new(OffsetSpec.Latest)),
            ("--to current", new()), ("--to-current", new()),
            ("--to 7", new(OffsetSpec.At(7))), ("--to-offset 7", new(OffsetSpec.At(7))),
            ("--to -7", new(OffsetSpec.FromEnd(7))),
            ("--to @1h", hour), ("--by-duration PT1H", hour), ("--by-duration 60m", hour),
            ("--to @2026-01-31T12:00", january), ("--to-datetime 2026-01-31T12:00:00.000", january),
            ("--to-datetime 2026-01-31T14:00:00.000+02:00", january),
            ("--shift-by 5", new(Shift: 5)), ("--shift-by -5", new(Shift: -5)),
            ("--from-file a.csv", new(File: "a.csv")),
        ];
        Assert.All(cases, c => Assert.Equal(c.Target, Target(c.Line)));
    }

    [Theory]
    [InlineData("--topic t")]
    [InlineData("--to earliest --shift-by 1")]
    [InlineData("--to earliest --to-earliest")]
    [InlineData("--to 1:2")]
    [InlineData("--to soon")]
    [InlineData("--to-datetime soon")]
    [InlineData("--by-duration soon")]
    public void What_says_no_target_or_two_is_refused(string line) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CliException>(() => Target(line)).Code);

    private static List<StoredPosition> Read(string text) => PositionFile.Read(new StringReader(text));

    private static ResetTarget Target(string line) =>
        ResetTarget.Parse(CommandLine.Parse(["group", "reset", "g", .. line.Split(' ')]), Now);
}
