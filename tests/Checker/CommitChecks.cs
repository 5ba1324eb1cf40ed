namespace Barnabas.Tests.Checker;

/// <summary>Whether the group's offsets are what was committed.</summary>
internal static class CommitChecks
{
    public static void Run(Facts facts, Findings findings)
    {
        var commits = StepsOf(facts, StepKind.Commit).ToLookup(static entry => entry.Step.Key);
        foreach (var positions in StepsOf(facts, StepKind.Position).GroupBy(static entry => entry.Step.Key))
        {
            var register = new CommittedOffsets(facts, commits[positions.Key]);
            foreach (var (operation, step) in positions)
            {
                var asked = facts.Operations[operation];
                if (asked.Outcome != Outcome.Ok)
                    continue;
                if (step.Offset < register.Least(asked))
                    findings.Add(Anomaly.LostCommit, step.Key, [operation], step.Offset);
                if (step.Offset > register.Most(asked))
                    findings.Add(Anomaly.InventedCommit, step.Key, [operation], step.Offset);
            }

            FindTooFar(facts, positions.Key, [.. positions], findings);
        }
    }

    /// <summary>Who reads, works on it and leaves commits to the client has not given up what it works on.</summary>
    private static void FindTooFar(Facts facts, int key, List<(int Operation, Step Step)> positions, Findings findings)
    {
        var work = new Queue<(int Operation, long First)>(
            from index in Enumerable.Range(0, facts.Operations.Count)
            let operation = facts.Operations[index]
            where !operation.IsTransaction && !operation.Steps.Any(step => step.Kind == StepKind.Commit)
            let reads = operation.Steps.Where(step => step.Kind == StepKind.Read && step.Key == key)
            where reads.Any()
            select (index, reads.First().Offset));
        var active = new List<(int Operation, long First)>();
        foreach (var (operation, step) in positions)
        {
            var asked = facts.Operations[operation];
            while (work.TryPeek(out var next) && facts.Operations[next.Operation].Began < asked.Began)
                active.Add(work.Dequeue());
            active.RemoveAll(one => facts.Operations[one.Operation].Ended <= asked.Began);
            foreach (var (working, first) in active)
            {
                if (facts.Operations[working].Ended > asked.Ended && step.Offset - 1 > first)
                    findings.Add(Anomaly.CommittedTooFar, key, [working, operation], first, step.Offset);
            }
        }
    }

    private static IEnumerable<(int Operation, Step Step)> StepsOf(Facts facts, StepKind kind) =>
        from index in Enumerable.Range(0, facts.Operations.Count)
        from step in facts.Operations[index].Steps
        where step.Kind == kind
        select (index, step);
}
