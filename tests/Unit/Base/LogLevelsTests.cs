using Barnabas.Base;
using Microsoft.Extensions.Logging;

namespace Barnabas.Tests.Unit.Base;

public sealed class LogLevelsTests
{
    [Theory]
    [InlineData("Barnabas.Server.SocketServer", LogLevel.Trace)]
    [InlineData("Barnabas.Server.Apis", LogLevel.Debug)]
    [InlineData("Barnabas.Server", LogLevel.Debug)]
    [InlineData("Barnabas.Servers", LogLevel.Warning)]
    [InlineData("Barnabas", LogLevel.Warning)]
    [InlineData("Elsewhere", LogLevel.Information)]
    [InlineData("root", LogLevel.Information)]
    public void A_logger_has_the_level_of_the_nearest_name_above_it(string logger, LogLevel level)
    {
        var levels = new LogLevels();
        levels.Change("Barnabas", LogLevel.Warning);
        levels.Change("Barnabas.Server", LogLevel.Debug);
        levels.Change("Barnabas.Server.SocketServer", LogLevel.Trace);

        Assert.Equal(level, levels.Of(logger));
    }

    [Fact]
    public void A_switch_follows_every_change()
    {
        var levels = new LogLevels(LogLevel.Warning);
        var log = levels.SwitchOf("Barnabas.Log");
        Assert.False(log.IsOn(LogLevel.Information));
        Assert.True(log.IsOn(LogLevel.Warning));

        levels.Change("Barnabas.Log", LogLevel.Debug);
        Assert.True(log.IsOn(LogLevel.Debug));
        Assert.False(log.IsOn(LogLevel.Trace));

        levels.Change(LogLevels.Root, LogLevel.Error);
        Assert.True(log.IsOn(LogLevel.Debug));

        Assert.True(levels.Inherit("Barnabas.Log"));
        Assert.False(log.IsOn(LogLevel.Warning));
        Assert.True(log.IsOn(LogLevel.Error));

        levels.Change(LogLevels.Root, LogLevel.None);
        Assert.False(log.IsOn(LogLevel.Critical));
    }

    [Fact]
    public void The_root_keeps_a_level_of_its_own()
    {
        var levels = new LogLevels();
        Assert.False(levels.Inherit(LogLevels.Root));
        Assert.False(levels.Inherit("Barnabas"));
        Assert.Equal(LogLevel.Information, levels.Of(LogLevels.Root));
    }

    [Fact]
    public void Loggers_that_were_made_are_listed_with_the_levels_they_have()
    {
        var levels = new LogLevels();
        levels.SwitchOf("Barnabas.Server.SocketServer");
        levels.SwitchOf("Barnabas.Log");
        levels.SwitchOf("Barnabas.Log");
        levels.Change("Barnabas.Server", LogLevel.Debug);

        Assert.Equal(
            [
                new("Barnabas.Log", LogLevel.Information), new("Barnabas.Server.SocketServer", LogLevel.Debug),
                new("root", LogLevel.Information),
            ],
            levels.Effective);
        Assert.True(levels.IsKnown("Barnabas.Server"));
        Assert.True(levels.IsKnown("root"));
        Assert.False(levels.IsKnown("Barnabas.Serv"));
        Assert.False(levels.IsKnown("Barnabas.Log.More"));
    }

    [Theory]
    [InlineData("WARN", LogLevel.Warning)]
    [InlineData("warning", LogLevel.Warning)]
    [InlineData("Fatal", LogLevel.Critical)]
    [InlineData("OFF", LogLevel.None)]
    [InlineData("information", LogLevel.Information)]
    public void Levels_have_the_names_of_Kafka_and_of_dotnet(string name, LogLevel level)
    {
        Assert.True(LogLevelNames.TryParse(name, out var parsed));
        Assert.Equal(level, parsed);
        Assert.True(LogLevelNames.TryParse(level.KafkaName(), out parsed));
        Assert.Equal(level, parsed);
    }

    [Fact]
    public void What_is_no_level_is_refused() => Assert.False(LogLevelNames.TryParse("LOUD", out _));
}
