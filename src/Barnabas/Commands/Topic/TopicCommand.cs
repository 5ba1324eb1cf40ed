using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas topic</c></summary>
internal static class TopicCommand
{
    public static Command Make() => Leaf.Group(
        "topic", "create, list, describe, change and delete topics",
        TopicCreate.Make(), TopicList.Make(), TopicDescribe.Make(), TopicAlter.Make(), TopicDelete.Make());

    /// <summary>One topic or more.</summary>
    public static Argument<string[]> Names(bool isRequired = true) => new("topic")
    {
        Description = "the topics' names",
        HelpName = "TOPIC",
        Arity = isRequired ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore,
    };
}
