using System.CommandLine;
using System.Text.Json.Nodes;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas group export</c></summary>
internal static class GroupExport
{
    private static readonly Argument<string[]> Names = GroupCommand.Names(isRequired: false);

    private static readonly Option<string[]> Topics = TopicScope.Option(
        "only this topic, or some of its partitions, as orders:0,3; may be repeated");

    public static Command Make() => Leaf.Make(
        "export", "print groups' positions as CSV, as kafka-consumer-groups does and takes it back", [Names, Topics],
        RunAsync).With(
        "barnabas group export billing > positions.csv                 topic,partition,offset",
        "barnabas group export billing audit > positions.csv           group,topic,partition,offset",
        "barnabas group export > all.csv");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var scopes = TopicScope.Parse(parsed.GetValue(Topics));
        var names = parsed.GetValue(Names)!;
        await using var session = await Session.OpenAsync(parsed, stop);
        var (groups, missing) = await GroupCommand.FindAsync(session, names, stop);
        var positions = new List<StoredPosition>();
        foreach (var group in groups)
        {
            var stored = await session.Client.Admin.GetGroupOffsetsAsync(group.GroupId, stop: stop);
            positions.AddRange(stored.OrderBy(s => s.Key)
                .Where(s => scopes.Count == 0 || scopes.Exists(scope => scope.Holds(s.Key)))
                .Select(s => new StoredPosition(group.GroupId, s.Key, s.Value.Offset)));
        }

        var lines = names.Distinct().Count() == 1
            ? positions.Select(p => PositionFile.Line(p with { Group = null }))
            : positions.Select(PositionFile.Line);
        Document.Write(parsed, () => ToJson(positions), (to, _) => lines.ToList().ForEach(to.WriteLine));
        return TopicCommand.Code(groups.Count, missing);
    }

    private static JsonArray ToJson(List<StoredPosition> positions) =>
        new([.. positions.Select(p => (JsonNode)new JsonObject
        {
            ["group"] = p.Group,
            ["topic"] = p.Partition.Topic,
            ["partition"] = p.Partition.Partition,
            ["offset"] = p.Offset.Value,
        })]);
}
