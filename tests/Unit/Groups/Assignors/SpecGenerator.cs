using Barnabas.Base;
using Barnabas.Groups;
using Barnabas.Groups.Assignors;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Groups.Assignors;

/// <summary>Random groups: up to twelve members on up to six topics, alike or not, with any target.</summary>
internal static class SpecGenerator
{
    public static readonly Arbitrary<GroupSpec> Any = Arb.From(Specs(alike: false));

    public static readonly Arbitrary<GroupSpec> Homogeneous = Arb.From(Specs(alike: true));

    public static TopicId Topic(int number) => new(new Uuid(7, (ulong)number));

    /// <summary>A set from text: <c>1:0,1,2 4:0</c> is 0 to 2 of topic 1 and 0 of topic 4.</summary>
    public static PartitionSet Set(string text) => PartitionSet.Of(
        from topic in text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        let parts = topic.Split(':')
        from partition in parts[1].Split(',')
        select (Topic(int.Parse(parts[0])), int.Parse(partition)));

    /// <summary>The same members with another target.</summary>
    public static GroupSpec After(this GroupSpec group, IReadOnlyDictionary<string, PartitionSet> target) => group with
    {
        Members = [.. group.Members.Select(member => member with { Target = target[member.MemberId] })],
    };

    public static string Show(IReadOnlyDictionary<string, PartitionSet> assignment) =>
        string.Join("; ", assignment.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry =>
            $"{entry.Key} {string.Join(' ', entry.Value.Topics.Select(topic =>
                $"{topic.Topic.Value.Low}:{string.Join(',', topic.Partitions)}"))}".TrimEnd()));

    private static Gen<GroupSpec> Specs(bool alike) =>
        from topics in Gen.Choose(1, 6)
        from counts in Gen.Choose(0, 9).ArrayOf(topics)
        from count in Gen.Choose(1, 12)
        from subscriptions in Gen.Choose(0, (1 << topics) - 1).ArrayOf(count)
        from statics in Gen.Elements(true, false).ArrayOf(count)
        from owners in Gen.Choose(-1, count - 1).ArrayOf(topics * 10)
        select Spec(counts, alike ? [.. subscriptions.Select(_ => subscriptions[0])] : subscriptions, statics, owners);

    private static GroupSpec Spec(int[] counts, int[] subscriptions, bool[] statics, int[] owners) => new(
        [
            .. subscriptions.Select((subscription, i) => new AssignorMember(
                $"m{i:00}",
                statics[i] ? $"i{99 - i}" : null,
                [.. Enumerable.Range(0, counts.Length).Where(topic => (subscription >> topic & 1) > 0).Select(Topic)],
                PartitionSet.Of(Enumerable.Range(0, owners.Length)
                    .Where(at => owners[at] == i)
                    .Select(at => (Topic(at / 10), at % 10))))),
        ],
        counts.Select((partitions, topic) => (topic, partitions))
            .Where(pair => pair.partitions > 0)
            .ToDictionary(pair => Topic(pair.topic), pair => pair.partitions));
}
