using System.CommandLine;
using Barnabas.Base;

namespace Barnabas.Cli.Commands;

/// <summary>A topic, or some of its partitions: <c>orders</c>, <c>orders:0,3</c>.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="List">Its partitions as they were typed; null for all.</param>
internal sealed record TopicScope(string Topic, string? List)
{
    /// <summary>An option that takes such scopes.</summary>
    public static Option<string[]> Option(string description, bool isRequired = false) => new Option<string[]>(
        "--topic", "-t")
    {
        Description = description,
        HelpName = "TOPIC[:LIST]",
        Required = isRequired,
    }.CompletedBy(TopicCommand.Known);

    /// <summary>Reads scopes.</summary>
    /// <exception cref="CliException">One is none.</exception>
    public static List<TopicScope> Parse(string[]? texts) => [.. (texts ?? []).Select(text =>
    {
        var at = text.IndexOf(':', StringComparison.Ordinal);
        var scope = at < 0 ? new TopicScope(text, null) : new TopicScope(text[..at], text[(at + 1)..]);
        if (scope.Topic.Length == 0 || scope.List?.Split(',').All(i => int.TryParse(i, out var n) && n >= 0) == false)
            throw CliException.Usage($"'{text}' is no topic with partitions: orders or orders:0,3 is");
        return scope;
    })];

    /// <summary>Whether a partition is meant.</summary>
    public bool Holds(TopicPartition partition) => partition.Topic == Topic
        && (List is null || List.Split(',').Any(i => int.Parse(i, null) == partition.Partition));

    /// <inheritdoc/>
    public override string ToString() => List is null ? $"topic '{Topic}'" : $"topic '{Topic}', partitions {List}";
}
