using System.Text;
using System.Text.Json;
using Barnabas.Base;
using Barnabas.Cli.Logging;
using Microsoft.Extensions.Logging;

namespace Barnabas.Tests.Unit.Cli;

public sealed partial class NodeLogTests
{
    private static readonly DateTimeOffset Time = new(2026, 1, 31, 12, 30, 0, 250, TimeSpan.Zero);

    [Fact]
    public void A_line_for_people_says_when_how_grave_who_and_what()
    {
        var lines = Tell(new TextLines(), new LogLevels(), log => SayMoved(log, "orders-0", 42, null));
        Assert.Equal("2026-01-31 12:30:00.250 WARN  Mover: orders-0 moved at 42\n", lines);
    }

    [Fact]
    public void A_line_for_machines_is_one_object_with_the_values_of_the_message()
    {
        var fault = new IOException("no \"space\"\nleft");
        var line = Tell(new JsonLines(), new LogLevels(), log => SayMoved(log, "orders-0", 42, fault));

        Assert.EndsWith("}\n", line, StringComparison.Ordinal);
        Assert.Single(line.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var json = JsonDocument.Parse(line).RootElement;
        Assert.Equal("2026-01-31T12:30:00.250Z", json.GetProperty("time").GetString());
        Assert.Equal("WARN", json.GetProperty("level").GetString());
        Assert.Equal("Barnabas.Tests.Mover", json.GetProperty("logger").GetString());
        Assert.Equal("orders-0 moved at 42", json.GetProperty("message").GetString());
        Assert.Equal("orders-0", json.GetProperty("data").GetProperty("partition").GetString());
        Assert.Equal(42, json.GetProperty("data").GetProperty("offset").GetInt64());
        Assert.Equal(2, json.GetProperty("data").EnumerateObject().Count());
        Assert.Contains("no \"space\"\nleft", json.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_level_leaves_out_is_not_written()
    {
        var levels = new LogLevels(LogLevel.Error);
        Assert.Empty(Tell(new TextLines(), levels, log => SayMoved(log, "orders-0", 1, null)));
        levels.Change("Barnabas.Tests", LogLevel.Warning);
        Assert.NotEmpty(Tell(new TextLines(), levels, log => SayMoved(log, "orders-0", 1, null)));
    }

    private static string Tell(ILineFormat format, LogLevels levels, Action<ILogger> tell)
    {
        using var to = new MemoryStream();
        using var log = new NodeLog(levels, format, to, new StoppedClock());
        tell(log.CreateLogger("Barnabas.Tests.Mover"));
        return Encoding.UTF8.GetString(to.ToArray());
    }

    [LoggerMessage(LogLevel.Warning, "{Partition} moved at {Offset}")]
    private static partial void SayMoved(ILogger log, string partition, long offset, Exception? fault);

    private sealed class StoppedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => Time;
    }
}
