namespace Barnabas.Tests.Checker;

/// <summary>Whether what clients sent stands in the order in which they sent it.</summary>
internal static class SenderChecks
{
    public static void Run(Facts facts, Findings findings)
    {
        var last = new Dictionary<(int Process, int Key), (long Value, int Operation)>();
        for (var i = 0; i < facts.Operations.Count; i++)
        {
            var operation = facts.Operations[i];
            if (operation.Outcome == Outcome.Failed)
                continue;
            foreach (var sends in operation.Steps.Where(static step => step.Kind == StepKind.Send)
                .GroupBy(static step => step.Key))
            {
                Check(facts, i, sends.Key, [.. sends.Select(static send => send.Value)], last, findings);
            }
        }
    }

    private static void Check(
        Facts facts, int index, int key, List<long> values,
        Dictionary<(int Process, int Key), (long Value, int Operation)> last, Findings findings)
    {
        var log = facts.LogOf(key);
        var sender = (facts.Operations[index].Process, key);
        if (last.TryGetValue(sender, out var before) && log.Distance(before.Value, values[0]) < 1)
            findings.Add(Anomaly.NonmonotonicSend, key, [before.Operation, index], before.Value, values[0]);
        last[sender] = (values[^1], index);

        foreach (var (value, next) in values.Zip(values.Skip(1)))
        {
            var distance = log.Distance(value, next);
            if (distance < 1)
                findings.Add(Anomaly.InternalNonmonotonicSend, key, [index], value, next);
            else if (distance > 1)
                findings.Add(Anomaly.InternalSendSkip, key, [index], value, next);
        }
    }
}
