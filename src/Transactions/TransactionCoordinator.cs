using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;

namespace Barnabas.Transactions;

/// <summary>The transactional ids whose partition of <c>__transaction_state</c> this node leads: finds an id's shard,
/// and hands decisions to it (KIP-98, KIP-890).</summary>
/// <remarks>From any lane.</remarks>
public sealed class TransactionCoordinator
{
    private readonly Host _host;
    private readonly EffectiveConfigs _configs;
    private readonly BrokerId _self;
    private readonly ProducerIds _ids;
    private readonly MarkerSender _markers;
    private readonly CoordinatorHost<TransactionsState, TransactionRecord> _shards;
    private readonly Lane _upkeep;
    private volatile IReadOnlyList<Recurring> _rounds = [];
    private volatile ClusterState _cluster = ClusterState.Empty;

    /// <summary>A coordinator that coordinates nothing yet.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="configs">What it is configured with.</param>
    /// <param name="ids">Where producer ids come from.</param>
    /// <param name="markers">Tells partitions how transactions ended.</param>
    /// <param name="open">Makes the journal of a shard, a partition of <c>__transaction_state</c>.</param>
    public TransactionCoordinator(
        Host host, EffectiveConfigs configs, ProducerIds ids, IMarkerWriter markers,
        OpenJournal<TransactionRecord> open)
    {
        (_host, _configs, _self, _ids) = (host, configs, configs.Server.Id, ids);
        _markers = new(host, markers, Complete);
        _upkeep = host.Lanes.NewLane("transactions upkeep");
        _shards = new(host, "transactions", open, OnLoaded, (_, _) => { }, () => Rules.Config.RequestTimeout, Perform);
    }

    /// <summary>The shards led here.</summary>
    public IEnumerable<Shard<TransactionsState, TransactionRecord>> Shards => _shards.All;

    /// <summary>The finalized <c>transaction.version</c>, 0 to 2.</summary>
    public short Version =>
        _cluster.Features.TryGetValue(FeatureNames.TransactionVersion, out var level) ? level : (short)0;

    /// <summary>What decisions are made by now.</summary>
    public TransactionRules Rules =>
        new(_configs.Broker(_cluster.Configs).Transactions, Version, _host.Time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>The shard of a transactional id; null where this node does not coordinate it.</summary>
    public Shard<TransactionsState, TransactionRecord>? Find(string transactionalId) =>
        _cluster.Topics.TryGetValue(TopicNames.TransactionState, out var topic)
            ? _shards.Find(CoordinatorPartition.Of(transactionalId, topic.Partitions.Count))
            : null;

    /// <summary>Gives the producer of a transactional id its identity.</summary>
    /// <returns>As <see cref="InitProducerId.Decide"/>; COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR.</returns>
    public Task<ProducerAnswer> InitProducerIdAsync(InitProducerId command) =>
        WithIdAsync(command.TransactionalId, command.Decide);

    /// <summary>Adds partitions to a transaction on behalf of a partition's leader, or asks whether they are in it
    /// (KIP-890).</summary>
    /// <returns>An error for each partition, in order: None when it is in the ongoing transaction, or was added; else
    /// as <see cref="AddPartitions"/>; COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR.</returns>
    public async Task<IReadOnlyList<ErrorCode>> AddPartitionsAsync(
        string transactionalId, long producerId, short producerEpoch, IReadOnlyList<TransactionPartition> partitions,
        bool verifyOnly)
    {
        var command = new AddPartitions(
            transactionalId, new(new ProducerId(producerId), producerEpoch), partitions,
            TransactionRules.BumpingVersion);
        if (verifyOnly)
            return await CommandAsync(transactionalId, (state, _) => command.Verify(state), All);
        return All(await AddPartitionsAsync(command));

        IReadOnlyList<ErrorCode> All(ErrorCode error) => [.. partitions.Select(_ => error)];
    }

    /// <summary>Adds partitions to a transaction, all or none.</summary>
    /// <returns>As <see cref="AddPartitions.Decide"/>; COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR.</returns>
    public Task<ErrorCode> AddPartitionsAsync(AddPartitions command) =>
        CommandAsync(command.TransactionalId, command.Decide, error => error);

    /// <summary>Commits or aborts a transaction: when this answers with None the verdict stands, and partitions are
    /// being told.</summary>
    /// <returns>As <see cref="EndTransaction.Decide"/>; COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR.</returns>
    public Task<ProducerAnswer> EndAsync(EndTransaction command) =>
        WithIdAsync(
            command.TransactionalId, (state, fresh, rules) => Meant(command, state).Decide(state, fresh, rules));

    /// <summary>Takes note of a change of the cluster: which shards are led here. From any lane.</summary>
    public void OnChanged(ClusterState before, ClusterState after)
    {
        _cluster = after;
        _shards.FollowLeaders(_self, TopicOf(before), TopicOf(after));
    }

    /// <summary>Begins to look for transactions that take too long, and for ids that are not used any more.</summary>
    public void StartUpkeep()
    {
        var config = Rules.Config;
        if (!_host.Has(PlantedBug.TransactionTimeoutForgotten))
            Repeat(config.AbortInterval, () => Sweep(AbortTimedOut.Decide, AbortTimedOut.Most));
        Repeat(config.ExpirationInterval, () => Sweep(ExpireIds.Decide, ExpireIds.Most));
        _upkeep.Post(RestUnlessWanted);
    }

    /// <summary>Gives all transactions up; whoever waits for an answer is told so.</summary>
    public Task CloseAsync()
    {
        foreach (var round in _rounds)
            round.Dispose();
        return _shards.CloseAsync();
    }

    private static TopicState? TopicOf(ClusterState state) =>
        state.Topics.TryGetValue(TopicNames.TransactionState, out var topic) ? topic : null;

    private Task<TAnswer> CommandAsync<TAnswer>(
        string transactionalId,
        Func<TransactionsState, TransactionRules, Decision<TAnswer, TransactionRecord>> decide,
        Func<ErrorCode, TAnswer> refuse) =>
        Find(transactionalId) is { } shard
            ? shard.CommandAsync(state => decide(state, Rules), refuse)
            : Task.FromResult(refuse(ErrorCode.NotCoordinator));

    // Few decisions take a new producer id, and none is taken from the block in vain.
    private async Task<ProducerAnswer> WithIdAsync(
        string transactionalId,
        Func<TransactionsState, ProducerId?, TransactionRules, Decision<ProducerAnswer?, TransactionRecord>> decide)
    {
        ProducerId? fresh = null;
        while (true)
        {
            var given = fresh;
            var answer = await CommandAsync<ProducerAnswer?>(
                transactionalId, (state, rules) => decide(state, given, rules),
                error => ProducerAnswer.Refused(error));
            if (answer is { } decided)
                return decided;
            fresh = await _ids.NextAsync();
            if (fresh is null)
                return ProducerAnswer.Refused(ErrorCode.CoordinatorLoadInProgress);
        }
    }

    private EndTransaction Meant(EndTransaction command, TransactionsState state) =>
        _host.Has(PlantedBug.OldTransactionEnded) && state.Find(command.TransactionalId) is { } known
            ? command with { Producer = known.Identity }
            : command;

    // Who coordinates no transaction has nothing to look for.
    private void Repeat(TimeSpan interval, Action job)
    {
        Recurring? round = null;
        round = new Recurring(_host.Time, () => _upkeep.Post(() =>
        {
            if (_shards.All.Any())
                job();
            else
                round?.Rest();
        }));
        _rounds = [.. _rounds, round];
        round.Begin(interval, interval);
    }

    private void RestUnlessWanted()
    {
        if (_shards.All.Any())
            return;
        foreach (var round in _rounds)
            round.Rest();
    }

    private void WakeUpkeep()
    {
        foreach (var round in _rounds)
            round.Wake();
    }

    private void Sweep(
        Func<TransactionsState, TransactionRules, Decision<int, TransactionRecord>> decide, int most)
    {
        foreach (var shard in _shards.All)
            Sweep(shard, decide, most);
    }

    private async void Sweep(
        Shard<TransactionsState, TransactionRecord> shard,
        Func<TransactionsState, TransactionRules, Decision<int, TransactionRecord>> decide, int most)
    {
        while (await shard.CommandAsync(state => decide(state, Rules), _ => 0) == most)
        {
            // There may be more of them.
        }
    }

    // A verdict that was written stands: partitions that were not told before are told now.
    private void OnLoaded(Shard<TransactionsState, TransactionRecord> shard)
    {
        _upkeep.Post(WakeUpkeep);
        shard.CommandAsync<int>(
            state => new(0, [], [.. from entry in state.Transactions
                                    where entry.Value.Status.IsPrepared()
                                        && !_host.Has(PlantedBug.PreparedForgotten)
                                    select new SendMarkers(entry.Value)]),
            _ => 0);
    }

    private void Perform(Shard<TransactionsState, TransactionRecord> shard, Effect effect)
    {
        var send = effect as SendMarkers;
        Invariant.Holds(send is not null, $"{effect.GetType().Name} is an effect of transactions");
        _markers.Send(shard, send.Prepared);
    }

    private void Complete(Shard<TransactionsState, TransactionRecord> shard, Transaction prepared) =>
        shard.CommandAsync(state => CompleteTransaction.Decide(state, prepared, Rules.Now), _ => false);
}
