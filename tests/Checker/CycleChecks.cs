namespace Barnabas.Tests.Checker;

/// <summary>Whether operations come before each other in a circle. Of each knot of operations the shortest circle is
/// told.</summary>
internal static class CycleChecks
{
    /// <summary>How many of a knot's edges are tried to find its shortest circle.</summary>
    private const int MostTried = 100;

    private const EdgeKinds Writes = EdgeKinds.WriteWrite;
    private const EdgeKinds Reads = EdgeKinds.WriteRead;
    private const EdgeKinds InTime = EdgeKinds.Process | EdgeKinds.Time;

    public static void Run(Facts facts, Findings findings)
    {
        var graph = OperationGraph.Of(facts);
        Find(graph, Writes, Writes, Anomaly.WriteCycle, isAllowed: true, findings);
        Find(graph, Writes | EdgeKinds.Process, EdgeKinds.Process, Anomaly.WriteCycleOfProcess, true, findings);
        Find(graph, Writes | InTime, EdgeKinds.Time, Anomaly.WriteCycleOfTime, true, findings);
        Find(graph, Reads, Reads, Anomaly.ReadCycle, isAllowed: false, findings);
        Find(graph, Reads | EdgeKinds.Process, EdgeKinds.Process, Anomaly.ReadCycleOfProcess, false, findings);
        Find(graph, Reads | InTime, EdgeKinds.Time, Anomaly.ReadCycleOfTime, false, findings);
        // Who writes is not isolated from who writes: such a circle is closed by the order of writes alone.
        Find(graph, Reads | Writes, Writes, Anomaly.ReadCycle, isAllowed: true, findings);
    }

    /// <param name="graph">The graph.</param>
    /// <param name="kinds">The edges that count.</param>
    /// <param name="needed">The kind without which a circle is another anomaly.</param>
    /// <param name="anomaly">What it is.</param>
    /// <param name="isAllowed">Whether that is allowed.</param>
    /// <param name="findings">Where it goes.</param>
    private static void Find(
        OperationGraph graph, EdgeKinds kinds, EdgeKinds needed, Anomaly anomaly, bool isAllowed, Findings findings)
    {
        var data = kinds & (Writes | Reads);
        foreach (var knot in Components.Of(graph, kinds))
        {
            var shortest = Shortest(graph, [.. knot], kinds, needed);
            // The clock and the clients' own order agree: without data there is no circle.
            if (shortest is { } circle && (Kinds(graph, circle, kinds) & data) == data)
                findings.Add(anomaly, -1, circle, isAllowed, []);
        }
    }

    private static List<int>? Shortest(OperationGraph graph, HashSet<int> knot, EdgeKinds kinds, EdgeKinds needed)
    {
        List<int>? shortest = null;
        var tried = 0;
        foreach (var from in knot.Order())
        {
            foreach (var edge in graph.From(from))
            {
                if ((edge.Kind & needed) == 0 || !knot.Contains(edge.To) || tried++ == MostTried)
                    continue;
                var circle = Walk(graph, knot, kinds, edge.To, from);
                if (circle is not null && (shortest is null || circle.Count < shortest.Count))
                    shortest = circle;
            }

            if (tried > MostTried)
                break;
        }

        return shortest;
    }

    /// <summary>The shortest way from one operation of a knot to another.</summary>
    private static List<int>? Walk(OperationGraph graph, HashSet<int> knot, EdgeKinds kinds, int from, int to)
    {
        var cameFrom = new Dictionary<int, int> { [from] = from };
        var queue = new Queue<int>([from]);
        while (queue.TryDequeue(out var at))
        {
            if (at == to)
            {
                var way = new List<int> { at };
                for (; at != from; way.Add(at))
                    at = cameFrom[at];
                way.Reverse();
                return way;
            }

            foreach (var edge in graph.From(at))
            {
                if ((edge.Kind & kinds) != 0 && knot.Contains(edge.To) && cameFrom.TryAdd(edge.To, at))
                    queue.Enqueue(edge.To);
            }
        }

        return null;
    }

    /// <summary>What a circle is made of: of two operations the reason that says most counts.</summary>
    private static EdgeKinds Kinds(OperationGraph graph, List<int> circle, EdgeKinds kinds)
    {
        var made = EdgeKinds.None;
        for (var i = 0; i < circle.Count; i++)
        {
            foreach (var edge in graph.From(circle[i]))
            {
                if (edge.To == circle[(i + 1) % circle.Count] && (edge.Kind & kinds) != 0)
                {
                    made |= edge.Kind;
                    break;
                }
            }
        }

        return made;
    }
}
