namespace Barnabas.Tests.Checker;

/// <summary>The strongly connected components of a graph, by Tarjan's algorithm: operations that come before and after
/// each other.</summary>
internal static class Components
{
    private const int Unseen = -1;

    /// <summary>The components of more than one node.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="kinds">The edges that count.</param>
    public static List<List<int>> Of(OperationGraph graph, EdgeKinds kinds)
    {
        var (order, low) = (new int[graph.Nodes], new int[graph.Nodes]);
        Array.Fill(order, Unseen);
        var (isOpen, open, path) = (new bool[graph.Nodes], new Stack<int>(), new Stack<(int Node, int Edge)>());
        var (found, count) = (new List<List<int>>(), 0);
        for (var root = 0; root < graph.Nodes; root++)
        {
            if (order[root] == Unseen)
                Enter(root);
            while (path.TryPop(out var at))
            {
                var edges = graph.From(at.Node);
                if (at.Edge == edges.Length)
                {
                    Leave(at.Node);
                    continue;
                }

                path.Push((at.Node, at.Edge + 1));
                var edge = edges[at.Edge];
                if ((edge.Kind & kinds) == 0)
                    continue;
                if (order[edge.To] == Unseen)
                    Enter(edge.To);
                else if (isOpen[edge.To])
                    low[at.Node] = Math.Min(low[at.Node], order[edge.To]);
            }
        }

        return found;

        void Enter(int node)
        {
            order[node] = low[node] = count++;
            isOpen[node] = true;
            open.Push(node);
            path.Push((node, 0));
        }

        void Leave(int node)
        {
            if (path.TryPeek(out var parent))
                low[parent.Node] = Math.Min(low[parent.Node], low[node]);
            if (low[node] != order[node])
                return;
            var component = new List<int>();
            int member;
            do
            {
                member = open.Pop();
                isOpen[member] = false;
                component.Add(member);
            }
            while (member != node);
            if (component.Count > 1)
                found.Add(component);
        }
    }
}
