namespace Barnabas.Tests.Checker;

/// <summary>What each value and each offset shows by itself.</summary>
internal static class ValueChecks
{
    public static void Run(Facts facts, Findings findings)
    {
        foreach (var (key, log) in facts.Logs)
            CheckLog(facts, key, log, findings);
        for (var i = 0; i < facts.Operations.Count; i++)
        {
            foreach (var step in facts.Operations[i].Steps)
            {
                if (step.Kind == StepKind.Read)
                    CheckRead(facts, i, step, findings);
            }
        }
    }

    private static void CheckLog(Facts facts, int key, KeyLog log, Findings findings)
    {
        for (var place = 0; place < log.Offsets.Length; place++)
        {
            var values = log.ValuesAt(place);
            if (values.Count > 1)
                findings.Add(Anomaly.InconsistentOffsets, key, Concerned(facts, key, values), values);
        }

        foreach (var (value, first, last) in log.Places)
        {
            if (first != last)
                findings.Add(Anomaly.Duplicate, key, Concerned(facts, key, [value]), value);
        }
    }

    private static void CheckRead(Facts facts, int reader, Step read, Findings findings)
    {
        if (read.Home != read.Key)
            findings.Add(Anomaly.WrongTopic, read.Key, [reader], read.Value);
        if (!read.IsIntact)
            findings.Add(Anomaly.DamagedValue, read.Key, [reader], read.Value);
        if (facts.WriterOf(read.Key, read.Value) is not { } writer)
            return;
        var (wrote, does) = (facts.Operations[writer], facts.Operations[reader]);
        if (writer == reader)
            findings.Add(Anomaly.PrecommittedRead, read.Key, [reader], read.Value);
        if (wrote.Outcome == Outcome.Failed && does.Outcome == Outcome.Ok)
        {
            findings.Add(
                wrote.IsTransaction ? Anomaly.AbortedRead : Anomaly.DefiniteError, read.Key, [writer, reader],
                read.Value);
        }
    }

    private static List<int> Concerned(Facts facts, int key, IReadOnlyList<long> values) =>
    [
        .. values.SelectMany(value => facts.ReadersOf(key, value).Append(facts.WriterOf(key, value) ?? -1))
            .Where(static operation => operation >= 0).Distinct().Order(),
    ];
}
