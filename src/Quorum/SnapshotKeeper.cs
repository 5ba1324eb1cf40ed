using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Wire;
using Microsoft.Extensions.Logging;

namespace Barnabas.Quorum;

/// <summary>Takes a snapshot of a machine's state whenever one is due. Owned by the journal's lane.</summary>
/// <typeparam name="TState">The state.</typeparam>
public sealed partial class SnapshotKeeper<TState> : IDisposable
    where TState : IReplayed<TState, ITypedRecord>
{
    private readonly Lane _lane;
    private readonly ISnapshotted<ITypedRecord> _journal;
    private readonly Machine<TState, ITypedRecord> _machine;
    private readonly Func<TState, IEnumerable<ITypedRecord>?> _toRecords;
    private readonly SnapshotRules _rules;
    private readonly ILogger _logger;
    private readonly ITimer? _timer;
    private bool _writing;

    /// <summary>A keeper that begins at once.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="lane">The journal's lane.</param>
    /// <param name="journal">Where snapshots go.</param>
    /// <param name="machine">Whose state they hold.</param>
    /// <param name="toRecords">The records that rebuild a state; null while it must not be taken.</param>
    /// <param name="rules">When one is due.</param>
    public SnapshotKeeper(
        Host host, Lane lane, ISnapshotted<ITypedRecord> journal, Machine<TState, ITypedRecord> machine,
        Func<TState, IEnumerable<ITypedRecord>?> toRecords, SnapshotRules rules)
    {
        (_lane, _journal, _machine, _toRecords, _rules) = (lane, journal, machine, toRecords, rules);
        _logger = host.Log.CreateLogger<SoloJournal>();
        if (rules.MaxInterval is { } interval)
        {
            _timer = host.Time.CreateTimer(
                _ => lane.Post(() => Begin(_journal.BytesSinceSnapshot > 0)), null,
                interval.ForTimer(), interval.ForTimer());
        }

        machine.Observe((_, _) => Begin(_journal.BytesSinceSnapshot >= _rules.MaxBytes));
    }

    /// <summary>Ends the watch over time.</summary>
    public void Dispose() => _timer?.Dispose();

    private void Begin(bool isDue)
    {
        var held = _machine.Held;
        if (!isDue || _writing || held.Offset + 1 <= _journal.SnapshotEnd)
            return;
        if (_toRecords(held.State) is not { } records)
            return;
        _writing = true;
        _lane.Post(async () => await WriteAsync(held, records));
    }

    private async Task WriteAsync(Held<TState> held, IEnumerable<ITypedRecord> records)
    {
        var id = new SnapshotId(held.Offset + 1, held.Epoch);
        try
        {
            await _journal.WriteSnapshotAsync(id.End, id.Epoch, held.Timestamp, records);
            LogWritten(id.FileName);
        }
        catch (IOException fault)
        {
            // The log is whole, so nothing is lost: the next commit tries again.
            LogNotWritten(fault, id.FileName);
        }

        _writing = false;
    }

    [LoggerMessage(LogLevel.Information, "Wrote metadata snapshot {Name}")]
    private partial void LogWritten(string name);

    [LoggerMessage(LogLevel.Error, "Could not write metadata snapshot {Name}")]
    private partial void LogNotWritten(IOException fault, string name);
}
