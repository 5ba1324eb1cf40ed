using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Wire;

namespace Barnabas.Quorum;

/// <summary>Opens metadata logs that several nodes of a process share.</summary>
public static class SharedJournal
{
    /// <summary>Opens the log.</summary>
    /// <param name="host">Where it lives.</param>
    /// <param name="settings">Where its files are.</param>
    /// <param name="toRecords">The records that rebuild a state; null while it must not be taken.</param>
    /// <param name="rules">When snapshots are written.</param>
    /// <typeparam name="TState">What the records come to.</typeparam>
    /// <exception cref="MetadataDamagedException">What is on disk is damaged.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public static async Task<SharedJournal<TState>> OpenAsync<TState>(
        Host host, SoloSettings settings, Func<TState, IEnumerable<ITypedRecord>?> toRecords, SnapshotRules rules)
        where TState : IReplayed<TState, ITypedRecord>
    {
        var lane = host.Lanes.NewLane("shared metadata");
        var journal = await SoloJournal.OpenAsync(host, lane, settings);
        var shared = new SharedJournal<TState>(host, lane, journal, toRecords, rules);
        await shared.StartAsync();
        return shared;
    }
}

/// <summary>One metadata log for several nodes of a process: a <see cref="SoloJournal"/> keeps it, and the node that
/// joined first, of those that are there, leads.</summary>
/// <remarks>
/// It stands in for an ensemble or a quorum where all nodes share a process anyway. Nodes see what they would see
/// there: a leader may fall away with records under way, others follow what was committed, and a node that comes back
/// is given a snapshot. It owns a lane of its own; each member lives on the lane of its node.
/// </remarks>
/// <typeparam name="TState">What the records come to.</typeparam>
public sealed class SharedJournal<TState> : IAsyncDisposable
    where TState : IReplayed<TState, ITypedRecord>
{
    private readonly Lane _lane;
    private readonly SoloJournal _journal;
    private readonly Machine<TState, ITypedRecord> _machine;
    private readonly SnapshotKeeper<TState> _snapshots;
    private readonly Func<TState, IEnumerable<ITypedRecord>?> _toRecords;
    private readonly List<SharedJournalMember<TState>> _members = [];
    private SharedJournalMember<TState>? _leader;
    private volatile SharedLead _lead = new(BrokerId.None, 0, []);
    private int _epoch;
    private bool _electing;

    internal SharedJournal(
        Host host, Lane lane, SoloJournal journal, Func<TState, IEnumerable<ITypedRecord>?> toRecords,
        SnapshotRules rules)
    {
        (_lane, _journal, _toRecords) = (lane, journal, toRecords);
        _epoch = journal.Epoch;
        _machine = new Machine<TState, ITypedRecord>(lane, new Spread(journal, OnCommitted));
        _snapshots = new SnapshotKeeper<TState>(host, lane, journal, _machine, toRecords, rules);
    }

    /// <summary>Completes when the disk fails: nothing can be remembered any more.</summary>
    public Task<IOException> Fault => _journal.Fault;

    /// <summary>Who leads, and who else is there. From any lane.</summary>
    internal SharedLead Lead => _lead;

    /// <summary>The journal as one node has it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="lane">The lane of the node's metadata.</param>
    /// <param name="time">The node's clock.</param>
    public SharedJournalMember<TState> Join(BrokerId node, Lane lane, TimeProvider time) =>
        new(this, node, lane, time);

    /// <summary>A node ended without a word: where it led, another does.</summary>
    public Task ForgetAsync(BrokerId node) => RemoveAsync(member => member.Node == node);

    /// <summary>Closes the log.</summary>
    public async ValueTask DisposeAsync()
    {
        _snapshots.Dispose();
        await _journal.CloseAsync();
    }

    /// <summary>Replays what is there.</summary>
    internal Task StartAsync() => _machine.StartAsync();

    /// <summary>A node leaves: where it led, another does.</summary>
    internal Task LeaveAsync(SharedJournalMember<TState> leaving) => RemoveAsync(member => member == leaving);

    /// <summary>A node follows from now on.</summary>
    internal void Add(SharedJournalMember<TState> member) => _lane.Post(async () =>
    {
        var held = _machine.Held;
        var records = _toRecords(held.State);
        Invariant.Holds(records is not null, "no metadata transaction is left open here");
        member.Tell(new Committed<ITypedRecord>(held.Offset, held.Epoch, held.Timestamp, [.. records]));
        _members.Add(member);
        ShowLead();
        if (_leader is { } leader)
            member.TellEpoch(_epoch, leader, _journal.NextOffset);
        await ElectAsync();
    });

    /// <summary>The leader appends; what comes from one that leads no longer is dropped.</summary>
    internal void Take(
        SharedJournalMember<TState> member, int epoch, long first, IReadOnlyList<ITypedRecord> records) =>
        _lane.Post(() =>
        {
            if (_leader != member || _epoch != epoch)
                return;
            _ = _machine.CommandAsync(_ => Append(first, records), static () => false);
        });

    // When its turn has come: several appends may wait in the lane.
    private Decision<bool, ITypedRecord> Append(long first, IReadOnlyList<ITypedRecord> records)
    {
        Invariant.Holds(first == _journal.NextOffset, "the leader alone appends");
        return new(true, records);
    }

    private Task RemoveAsync(Predicate<SharedJournalMember<TState>> leaves) => _lane.RunAsync(async () =>
    {
        _members.RemoveAll(leaves);
        ShowLead();
        await ElectAsync();
    });

    private void OnCommitted(Committed<ITypedRecord> batch)
    {
        foreach (var member in _members)
            member.Tell(batch);
    }

    private async Task ElectAsync()
    {
        if (_electing || (_leader is not null && _members.Contains(_leader)))
            return;
        _electing = true;
        Begin(null);
        // What the old leader has under way is committed before the new one begins.
        await _machine.CommandAsync(static _ => true, static () => false);
        _electing = false;
        if (_members.Count > 0)
            Begin(_members[0]);
    }

    private void Begin(SharedJournalMember<TState>? leader)
    {
        _leader = leader;
        _epoch++;
        ShowLead();
        foreach (var member in _members)
            member.TellEpoch(_epoch, leader, _journal.NextOffset);
    }

    private void ShowLead() =>
        _lead = new SharedLead(_leader?.Node ?? BrokerId.None, _epoch, [.. _members.Select(m => m.Node)]);

    /// <summary>Lets all members hear of commits. Before the machine does: an election that waited for the commit goes
    /// on within that.</summary>
    private sealed class Spread(SoloJournal journal, Action<Committed<ITypedRecord>> committed)
        : IJournal<ITypedRecord>, IJournalFollower<ITypedRecord>
    {
        private IJournalFollower<ITypedRecord>? _machine;

        public long NextOffset => journal.NextOffset;

        public void Follow(IJournalFollower<ITypedRecord> follower)
        {
            _machine = follower;
            journal.Follow(this);
        }

        public long Append(int epoch, IReadOnlyList<ITypedRecord> records) => journal.Append(epoch, records);

        public void OnSnapshot(Committed<ITypedRecord> snapshot) => _machine!.OnSnapshot(snapshot);

        public void OnCommitted(Committed<ITypedRecord> batch)
        {
            committed(batch);
            _machine!.OnCommitted(batch);
        }

        public void OnEpoch(int epoch, bool leads) => _machine!.OnEpoch(epoch, leads);
    }
}

/// <summary>Who leads a <see cref="SharedJournal{TState}"/> at a moment.</summary>
/// <param name="Leader">The node; none while there is none.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Members">All nodes that are there, the leader among them.</param>
internal sealed record SharedLead(BrokerId Leader, int Epoch, IReadOnlyList<BrokerId> Members);
