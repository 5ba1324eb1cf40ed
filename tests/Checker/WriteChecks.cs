namespace Barnabas.Tests.Checker;

/// <summary>What became of what was written.</summary>
internal static class WriteChecks
{
    public static void Run(Facts facts, Findings findings)
    {
        foreach (var (key, log) in facts.Logs)
        {
            FindLost(facts, key, log, findings);
            FindDisorder(facts, key, log, findings);
        }

        FindUnseen(facts, findings);
        FindTorn(facts, findings);
    }

    /// <summary>Whoever read a value has passed all before it: those have to have been read.</summary>
    private static void FindLost(Facts facts, int key, KeyLog log, Findings findings)
    {
        var bound = -1;
        foreach (var (value, first, _) in log.Places)
        {
            if (first > bound && facts.IsRead(key, value))
                bound = first;
        }

        foreach (var (value, _, last) in log.Places)
        {
            if (last <= bound && !facts.IsRead(key, value)
                && facts.WriterOf(key, value) is { } writer && facts.IsCommitted(writer))
            {
                findings.Add(Anomaly.LostWrite, key, [writer], value);
            }
        }
    }

    private static void FindUnseen(Facts facts, Findings findings)
    {
        if (!facts.IsReadToTheEnd)
            return;
        foreach (var ((key, value), writer) in facts.Writes)
        {
            if (facts.Operations[writer].Outcome == Outcome.Ok && !facts.IsRead(key, value))
                findings.Add(Anomaly.Unseen, key, [writer], value);
        }
    }

    /// <summary>A transaction is there as a whole or not at all.</summary>
    private static void FindTorn(Facts facts, Findings findings)
    {
        var ends = facts.Logs.ToDictionary(static log => log.Key, log => LastRead(facts, log.Key, log.Value));
        for (var i = 0; i < facts.Operations.Count; i++)
        {
            var operation = facts.Operations[i];
            if (!operation.IsTransaction || operation.Outcome == Outcome.Failed)
                continue;
            var sends = operation.Steps.Where(static step => step.Kind == StepKind.Send).ToList();
            if (!sends.Exists(step => facts.IsRead(step.Key, step.Value)))
                continue;
            foreach (var step in sends.Where(step => !facts.IsRead(step.Key, step.Value)))
            {
                var isPassed = step.Offset != Step.NoOffset && step.Offset < ends.GetValueOrDefault(step.Key, -1);
                if (facts.IsReadToTheEnd || isPassed)
                    findings.Add(Anomaly.TornTransaction, step.Key, [i], step.Value);
            }
        }
    }

    /// <summary>The highest offset at which a successful operation read; -1 for none.</summary>
    private static long LastRead(Facts facts, int key, KeyLog log)
    {
        for (var place = log.Offsets.Length - 1; place >= 0; place--)
        {
            if (log.ValuesAt(place).Any(value => facts.IsRead(key, value)))
                return log.Offsets[place];
        }

        return -1;
    }

    /// <summary>The values of one client stand in the order in which it sent them.</summary>
    private static void FindDisorder(Facts facts, int key, KeyLog log, Findings findings)
    {
        var last = new Dictionary<int, (int Writer, int Turn, long Value)>();
        for (var place = 0; place < log.Offsets.Length; place++)
        {
            var value = log.ValuesAt(place)[0];
            if (facts.WriterOf(key, value) is not { } writer)
                continue;
            var now = (writer, TurnOf(facts.Operations[writer], key, value), value);
            var process = facts.Operations[writer].Process;
            if (last.TryGetValue(process, out var before)
                && (now.writer, now.Item2).CompareTo((before.Writer, before.Turn)) < 0)
            {
                findings.Add(Anomaly.Order, key, [before.Writer, writer], before.Value, value);
            }

            last[process] = now;
        }
    }

    private static int TurnOf(Operation operation, int key, long value)
    {
        for (var turn = 0; ; turn++)
        {
            if (operation.Steps[turn] is { Kind: StepKind.Send } send && send.Key == key && send.Value == value)
                return turn;
        }
    }
}
