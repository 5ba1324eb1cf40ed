using System.Diagnostics;
using Barnabas.Tests.Checker;

namespace Barnabas.Tests.Nemesis.Drivers;

/// <summary>Writes down what clients ask and are told. Safe to use from all of them.</summary>
internal sealed class Recorder
{
    private readonly Lock _gate = new();
    private readonly List<Operation> _operations = [];
    private readonly long[] _lastAcknowledged = new long[Topics.Keys.Count];
    private readonly Dictionary<string, (int Count, DateTime Last)> _errors = new(StringComparer.Ordinal);
    private readonly Dictionary<long, long> _sources = [];
    private int _processes;
    private long _values;

    /// <summary>The time, in ticks that all operations share: microseconds.</summary>
    public static long Now => (long)(Stopwatch.GetTimestamp() * (1_000_000.0 / Stopwatch.Frequency));

    /// <summary>How many records were acknowledged or committed.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>How many operations there are.</summary>
    public int Count => _operations.Count;

    /// <summary>What clients were told went wrong, how often, and when last: by the clock that the brokers' logs are
    /// written by.</summary>
    public IReadOnlyDictionary<string, (int Count, DateTime Last)> Errors
    {
        get
        {
            lock (_gate)
                return new Dictionary<string, (int, DateTime)>(_errors, StringComparer.Ordinal);
        }
    }

    /// <summary>The record that each copy is a copy of.</summary>
    public IReadOnlyDictionary<long, long> Sources => _sources;

    /// <summary>A number for a client that begins.</summary>
    public int NewProcess() => Interlocked.Increment(ref _processes);

    /// <summary>A number for a record that is about to be sent.</summary>
    public long NewValue() => Interlocked.Increment(ref _values);

    /// <summary>A number for a copy that is about to be sent.</summary>
    public long NewCopy(long source)
    {
        var value = NewValue();
        lock (_gate)
            _sources.Add(value, source);
        return value;
    }

    /// <summary>Takes an operation that has ended.</summary>
    public void Add(Operation operation)
    {
        lock (_gate)
        {
            _operations.Add(operation);
            if (operation.Outcome != Outcome.Ok)
                return;
            foreach (var step in operation.Steps)
            {
                if (step.Kind != StepKind.Send)
                    continue;
                Acknowledged++;
                _lastAcknowledged[step.Key] = Math.Max(_lastAcknowledged[step.Key], operation.Ended);
            }
        }
    }

    /// <summary>Counts what went wrong.</summary>
    public void Note(string error)
    {
        lock (_gate)
            _errors[error] = (_errors.GetValueOrDefault(error).Count + 1, DateTime.UtcNow);
    }

    /// <summary>When something was last acknowledged in a partition; 0 for never.</summary>
    public long LastAcknowledged(int key)
    {
        lock (_gate)
            return _lastAcknowledged[key];
    }

    /// <summary>What there is so far.</summary>
    public History History(bool isReadToTheEnd)
    {
        lock (_gate)
        {
            return new History([.. _operations.OrderBy(static operation => operation.Began)])
            {
                IsReadToTheEnd = isReadToTheEnd,
            };
        }
    }
}
