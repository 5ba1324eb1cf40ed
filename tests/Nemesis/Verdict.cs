using Barnabas.Tests.Checker;
using Barnabas.Tests.Nemesis.Drivers;

namespace Barnabas.Tests.Nemesis;

/// <summary>What the histories of a run come to.</summary>
internal sealed class Verdict
{
    private const int MostExamples = 5;
    private readonly List<string> _faults = [];

    private Verdict(Workload workload, bool isReadToTheEnd)
    {
        var history = workload.Recorder.History(isReadToTheEnd);
        var found = HistoryChecker.Check(history).Where(static finding => !finding.IsAllowed).ToList();
        Lost = found.Count(static finding => finding.Anomaly is Anomaly.LostWrite or Anomaly.Unseen);
        Tell(found, history);
        var commits = workload.Commits.History(false);
        Tell([.. HistoryChecker.Check(commits).Where(static finding => !finding.IsAllowed)], commits);
        if (!isReadToTheEnd)
            return;
        var logs = LogsOf(history);
        foreach (var (source, target) in ((string, string)[])
            [(Topics.Managed, Topics.ManagedCopies), (Topics.Foreign, Topics.ForeignCopies)])
        {
            foreach (var (from, to) in Topics.KeysOf(source).Zip(Topics.KeysOf(target)))
                CompareCopies(logs[from], logs[to], to, workload.Recorder.Sources);
        }

        foreach (var key in Topics.KeysOf(Topics.Managed))
            CompareHandled(logs[key], key, workload);
    }

    /// <summary>What is wrong; empty where all promises were kept.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>How many acknowledged records are not there.</summary>
    public int Lost { get; }

    /// <summary>Judges what the clients of a run were told.</summary>
    /// <param name="workload">The clients.</param>
    /// <param name="isReadToTheEnd">True when they have read all there is, after all faults.</param>
    public static Verdict Of(Workload workload, bool isReadToTheEnd) => new(workload, isReadToTheEnd);

    private void Tell(List<Finding> found, History history)
    {
        foreach (var kind in found.GroupBy(static finding => finding.Anomaly))
        {
            _faults.Add($"{kind.Count()} times {kind.Key}:");
            foreach (var finding in kind.Take(MostExamples))
            {
                _faults.Add($"    {finding}");
                _faults.AddRange(finding.Operations.Take(2).Select(at => $"        {Words(history.Operations[at])}"));
            }
        }
    }

    private static string Words(Operation operation)
    {
        var steps = operation.Steps.Take(12)
            .Select(static step => $"{step.Kind} {step.Value} at {step.Key}/{step.Offset}");
        return $"process {operation.Process}, {operation.Outcome}, {operation.Began} to {operation.Ended}: "
            + $"{string.Join(", ", steps)}{(operation.Steps.Count > 12 ? ", ..." : "")}";
    }

    /// <summary>The values of each partition, by offset, as readers of what is committed saw them.</summary>
    private static Dictionary<int, SortedDictionary<long, long>> LogsOf(History history)
    {
        var logs = Topics.Keys.ToDictionary(static key => key, static _ => new SortedDictionary<long, long>());
        var reads =
            from operation in history.Operations
            where !operation.IsTransaction
            from step in operation.Steps
            where step.Kind == StepKind.Read
            select step;
        foreach (var read in reads)
            logs[read.Key][read.Offset] = read.Value;
        return logs;
    }

    /// <summary>A copy has each record of its source once, in the same order.</summary>
    private void CompareCopies(
        SortedDictionary<long, long> source, SortedDictionary<long, long> copies, int key,
        IReadOnlyDictionary<long, long> sources)
    {
        var copied = copies.Values.Select(copy => sources.GetValueOrDefault(copy, -1)).ToList();
        if (copied.SequenceEqual(source.Values))
            return;
        var (missing, twice) = (source.Values.Except(copied).ToList(), copied.Count - copied.Distinct().Count());
        _faults.Add($"partition {Topics.PartitionOf(key)} is no exact copy: {missing.Count} of {source.Count} records "
            + $"are missing ({string.Join(", ", missing.Take(MostExamples))}), {twice} are there more than once");
    }

    /// <summary>A group handles each record at least once.</summary>
    private void CompareHandled(SortedDictionary<long, long> log, int key, Workload workload)
    {
        var missed = log.Where(record => workload.Handled.GetValueOrDefault((key, record.Key), -1) != record.Value)
            .Select(static record => record.Key).ToList();
        if (missed.Count > 0)
        {
            _faults.Add($"the group never handled {missed.Count} records of {Topics.PartitionOf(key)}, the first at "
                + $"{missed[0]}");
        }
    }
}
