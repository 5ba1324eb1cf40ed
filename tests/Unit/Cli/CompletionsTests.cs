using Barnabas.Cli;

namespace Barnabas.Tests.Unit.Cli;

/// <summary>What Tab offers, where no cluster has to be asked.</summary>
public sealed class CompletionsTests
{
    [Theory]
    [InlineData("top", "topic")]
    [InlineData("topic cr", "create")]
    [InlineData("topic create --part", "--partitions")]
    [InlineData("topic list -o y", "yaml")]
    [InlineData("topic list --output j", "json jsonl")]
    [InlineData("config explain retention.m", "retention.ms")]
    [InlineData("config get br", "broker broker-logger")]
    [InlineData("config get topic orders segment.b", "segment.bytes")]
    [InlineData("config set topic orders segment.b", "segment.bytes=")]
    [InlineData("group de", "delete delete-offsets describe")]
    [InlineData("group list --state E", "Empty")]
    [InlineData("group list --type c", "classic consumer")]
    [InlineData("completion ", "bash fish zsh")]
    [InlineData("nonsense x", "")]
    public void Words_are_completed(string line, string found) =>
        Assert.Equal(found, string.Join(' ', Completions.Of(line.Split(' ')).Select(c => c.Word)));

    [Fact]
    public void Commands_come_with_what_they_do() =>
        Assert.Equal([("create", "create topics")], Completions.Of(["topic", "cre"]));

    [Fact]
    public void Paths_are_completed_where_a_file_is_wanted()
    {
        var folder = Directory.CreateTempSubdirectory("barnabas-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "0.log"), "");
            folder.CreateSubdirectory("orders-0");
            var found = Completions.Of(["log", "dump", folder.FullName + "/"]).Select(c => c.Word);
            Assert.Equal([folder.FullName + "/0.log", folder.FullName + "/orders-0/"], found);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
