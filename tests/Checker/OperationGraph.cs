namespace Barnabas.Tests.Checker;

/// <summary>Which operation comes before which, and why.</summary>
internal sealed class OperationGraph
{
    private readonly int[] _starts;
    private readonly Edge[] _edges;

    private OperationGraph(int nodes, List<(int From, Edge Edge)> edges)
    {
        Nodes = nodes;
        _starts = new int[nodes + 1];
        foreach (var (from, _) in edges)
            _starts[from + 1]++;
        for (var i = 0; i < nodes; i++)
            _starts[i + 1] += _starts[i];
        _edges = new Edge[edges.Count];
        var next = _starts.AsSpan(0, nodes).ToArray();
        foreach (var (from, edge) in edges)
            _edges[next[from]++] = edge;
        // What says more about two operations is walked first.
        for (var i = 0; i < nodes; i++)
            _edges.AsSpan(_starts[i], _starts[i + 1] - _starts[i]).Sort(static (a, b) => a.Kind.CompareTo(b.Kind));
    }

    /// <summary>How many operations there are.</summary>
    public int Nodes { get; }

    /// <summary>What comes after an operation.</summary>
    public ReadOnlySpan<Edge> From(int node) => _edges.AsSpan(_starts[node], _starts[node + 1] - _starts[node]);

    /// <summary>The graph of a history.</summary>
    public static OperationGraph Of(Facts facts)
    {
        var edges = new List<(int, Edge)>();
        foreach (var (key, log) in facts.Logs)
        {
            AddWrites(facts, key, log, edges);
            AddReads(facts, key, log, edges);
        }

        AddProcesses(facts, edges);
        AddTimes(facts, edges);
        return new(facts.Operations.Count, edges);
    }

    private static void AddWrites(Facts facts, int key, KeyLog log, List<(int, Edge)> edges)
    {
        var before = -1;
        for (var place = 0; place < log.Offsets.Length; place++)
        {
            var writer = facts.WriterOf(key, log.ValuesAt(place)[0]) ?? -1;
            if (before >= 0 && writer >= 0 && writer != before)
                edges.Add((before, new(writer, EdgeKinds.WriteWrite)));
            before = writer;
        }
    }

    private static void AddReads(Facts facts, int key, KeyLog log, List<(int, Edge)> edges)
    {
        foreach (var (value, _, _) in log.Places)
        {
            if (facts.WriterOf(key, value) is not { } writer)
                continue;
            foreach (var reader in facts.ReadersOf(key, value))
            {
                if (reader != writer)
                    edges.Add((writer, new(reader, EdgeKinds.WriteRead)));
            }
        }
    }

    private static void AddProcesses(Facts facts, List<(int, Edge)> edges)
    {
        var last = new Dictionary<int, int>();
        for (var i = 0; i < facts.Operations.Count; i++)
        {
            var process = facts.Operations[i].Process;
            if (last.TryGetValue(process, out var before))
                edges.Add((before, new(i, EdgeKinds.Process)));
            last[process] = i;
        }
    }

    /// <summary>An operation gets an edge from each that ended before it began, except where another one stands between
    /// the two: as many as there are clients, at the most.</summary>
    private static void AddTimes(Facts facts, List<(int, Edge)> edges)
    {
        var ends = Enumerable.Range(0, facts.Operations.Count)
            .Where(i => facts.Operations[i].Outcome == Outcome.Ok)
            .OrderBy(i => facts.Operations[i].Ended)
            .ToArray();
        var (front, before, ended) = (new HashSet<int>(), new Dictionary<int, int[]>(), 0);
        for (var i = 0; i < facts.Operations.Count; i++)
        {
            for (; ended < ends.Length && facts.Operations[ends[ended]].Ended < facts.Operations[i].Began; ended++)
            {
                front.ExceptWith(before[ends[ended]]);
                before.Remove(ends[ended]);
                front.Add(ends[ended]);
            }

            if (facts.Operations[i].Outcome == Outcome.Ok)
                before[i] = [.. front];
            foreach (var one in front)
                edges.Add((one, new(i, EdgeKinds.Time)));
        }
    }

    /// <summary>What comes after an operation.</summary>
    /// <param name="To">The other.</param>
    /// <param name="Kind">Why: one reason.</param>
    public readonly record struct Edge(int To, EdgeKinds Kind);
}
