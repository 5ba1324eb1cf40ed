using System.Globalization;

namespace Barnabas.Tests.Checker;

/// <summary>Writes a history as Jepsen's checkers read it: a map a line, for each begin and each end.</summary>
/// <remarks>Keys are numbers; reads of one key that stand together are one poll. Commits have no place in it.</remarks>
public static class Edn
{
    /// <summary>Writes a history, its times taken as nanoseconds.</summary>
    public static void Write(History history, TextWriter to)
    {
        var events = history.Operations
            .SelectMany(static o => new[] { (Time: o.Began, IsEnd: false, o), (Time: o.Ended, IsEnd: true, o) })
            .OrderBy(static e => e.Time).ThenBy(static e => e.IsEnd);
        var index = 0;
        foreach (var (time, isEnd, operation) in events)
        {
            var type = !isEnd ? "invoke" : operation.Outcome switch
            {
                Outcome.Ok => "ok",
                Outcome.Failed => "fail",
                _ => "info",
            };
            to.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{{:index {index++}, :time {time}, :process {operation.Process}, "
                    + $":type :{type}, {Work(operation, isEnd)}}}"));
        }
    }

    private static string Work(Operation operation, bool isEnd)
    {
        if (operation.Assigns is { } keys && operation.Steps.Count == 0)
            return $":f :{(operation.IsSubscription ? "subscribe" : "assign")}, :value [{string.Join(' ', keys)}]";
        var work = operation.IsTransaction ? "txn"
            : operation.Steps.Any(static step => step.Kind == StepKind.Send) ? "send" : "poll";
        return $":f :{work}, :value [{string.Join(' ', Steps(operation.Steps, isEnd))}]";
    }

    private static IEnumerable<string> Steps(IReadOnlyList<Step> steps, bool isEnd)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            if (step.Kind == StepKind.Send)
            {
                yield return !isEnd
                    ? $"[:send {step.Key} {step.Value}]"
                    : $"[:send {step.Key} [{(step.Offset < 0 ? "nil" : step.Offset)} {step.Value}]]";
            }
            else if (step.Kind == StepKind.Read)
            {
                var end = i + 1;
                while (end < steps.Count && steps[end].Kind == StepKind.Read)
                    end++;
                yield return isEnd ? $"[:poll {{{string.Join(", ", Polls(steps, i, end))}}}]" : "[:poll]";
                i = end - 1;
            }
        }
    }

    private static IEnumerable<string> Polls(IReadOnlyList<Step> steps, int begin, int end) =>
        from read in steps.Skip(begin).Take(end - begin)
        group $"[{read.Offset} {read.Value}]" by read.Key into reads
        select $"{reads.Key} [{string.Join(' ', reads)}]";
}
