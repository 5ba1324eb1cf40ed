using System.Runtime.InteropServices;

namespace Barnabas.Tests.Checker;

/// <summary>What follows from a history at first sight: who wrote what, who read it, and the log of each key.</summary>
internal sealed class Facts
{
    private readonly Dictionary<(int Key, long Value), int> _writers = [];
    private readonly Dictionary<(int Key, long Value), List<int>> _readers = [];
    private readonly Dictionary<int, KeyLog> _logs = [];
    private readonly HashSet<(int Key, long Value)> _readForSure = [];
    private readonly bool[] _isCommitted;

    public Facts(History history)
    {
        Operations = history.Operations;
        IsReadToTheEnd = history.IsReadToTheEnd;
        for (var i = 0; i < Operations.Count; i++)
            Note(i);
        _isCommitted = [.. Operations.Select(IsCommitted)];
        BuildLogs();
    }

    /// <summary>The operations, by the time of their begin.</summary>
    public IReadOnlyList<Operation> Operations { get; }

    /// <summary>True when at the end everything was read that is there.</summary>
    public bool IsReadToTheEnd { get; }

    /// <summary>The log of each key, by key.</summary>
    public IEnumerable<KeyValuePair<int, KeyLog>> Logs => _logs.OrderBy(static log => log.Key);

    /// <summary>What was written, and by which operation.</summary>
    public IEnumerable<KeyValuePair<(int Key, long Value), int>> Writes => _writers;

    /// <summary>The log of a key.</summary>
    public KeyLog LogOf(int key) => _logs.TryGetValue(key, out var log) ? log : _logs[key] = new();

    /// <summary>True when an operation took effect: it says so, or one of its values was read by one that
    /// does.</summary>
    public bool IsCommitted(int operation) => _isCommitted[operation];

    /// <summary>Which operation sent a value; null for nobody that is known.</summary>
    public int? WriterOf(int key, long value) =>
        _writers.TryGetValue((key, value), out var writer) ? writer : null;

    /// <summary>Which operations read a value.</summary>
    public IReadOnlyList<int> ReadersOf(int key, long value) =>
        _readers.TryGetValue((key, value), out var readers) ? readers : [];

    /// <summary>True when a successful operation read a value.</summary>
    public bool IsRead(int key, long value) => _readForSure.Contains((key, value));

    private void Note(int index)
    {
        var operation = Operations[index];
        foreach (var step in operation.Steps)
        {
            if (step.Kind == StepKind.Send)
            {
                if (!_writers.TryAdd((step.Key, step.Value), index))
                    throw new ArgumentException($"value {step.Value} is sent to key {step.Key} twice");
            }
            else if (step.Kind == StepKind.Read)
            {
                ref var readers = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    _readers, (step.Key, step.Value), out _);
                readers ??= new(1);
                if (readers.Count == 0 || readers[^1] != index)
                    readers.Add(index);
                if (operation.Outcome == Outcome.Ok)
                    _readForSure.Add((step.Key, step.Value));
            }
        }
    }

    private bool IsCommitted(Operation operation) => operation.Outcome switch
    {
        Outcome.Ok => true,
        Outcome.Failed => false,
        _ => operation.Steps.Any(step => step.Kind == StepKind.Send && IsRead(step.Key, step.Value)),
    };

    /// <summary>What was polled counts whatever became of the operation; what was sent, where it took effect.</summary>
    private void BuildLogs()
    {
        for (var i = 0; i < Operations.Count; i++)
        {
            foreach (var step in Operations[i].Steps)
            {
                var counts = step.Kind == StepKind.Read || (step.Kind == StepKind.Send && _isCommitted[i]);
                if (counts && step.Offset != Step.NoOffset)
                    LogOf(step.Key).Add(step.Offset, step.Value);
            }
        }

        foreach (var (_, log) in _logs)
            log.Settle();
    }
}
