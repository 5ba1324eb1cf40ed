using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Groups;
using Barnabas.Journal;
using Barnabas.Replication;
using Barnabas.Server.Apis.Fetch;
using Barnabas.Server.Brokers;
using Barnabas.Server.Quotas;
using Barnabas.Server.Telemetry;
using Barnabas.Server.Transactions;
using Barnabas.Transactions;
using Barnabas.Wire;

namespace Barnabas.Server.Apis;

/// <summary>What the API handlers of a broker work with.</summary>
/// <param name="Host">The machine.</param>
/// <param name="Id">This broker.</param>
/// <param name="ClusterId">The cluster's id.</param>
/// <param name="Controller">The cluster's state, and the way to change it.</param>
/// <param name="Replicas">The partitions held here.</param>
/// <param name="Configs">What topics and brokers are configured with.</param>
/// <param name="Features">What this node supports, by feature.</param>
/// <param name="Sessions">Places for fetch sessions.</param>
/// <param name="Quorum">Who keeps the cluster's metadata, and how far they are.</param>
public sealed record Broker(
    Host Host,
    BrokerId Id,
    string ClusterId,
    Machine<ClusterState, ITypedRecord> Controller,
    Replicas Replicas,
    EffectiveConfigs Configs,
    IReadOnlyDictionary<string, FeatureRange> Features,
    FetchSessionSlots Sessions,
    Func<QuorumView> Quorum)
{
    /// <summary>The cluster as it is known here now.</summary>
    public ClusterState State => Controller.Committed.Visible;

    /// <summary>Finds topics and partitions by what clients call them.</summary>
    public TopicDirectory Topics { get; } = new(() => Controller.Committed.Visible, Replicas);

    /// <summary>The broker's configs as they stand.</summary>
    public BrokerConfig Config => Configs.Broker(State.Configs);

    /// <summary>Holds clients to their quotas.</summary>
    public ClientQuotas Quotas { get; } = new(
        () => Controller.Committed.Visible, Host.Time,
        Configs.Broker(Controller.Committed.Visible.Configs).Quotas);

    /// <summary>The way to the controller.</summary>
    public required ControllerLink Link { get; init; }

    /// <summary>True where others may lead by now what is led here, for all that is known: this process may have stood
    /// still. From any lane.</summary>
    public Func<bool> MayBeFenced { get; init; } = static () => false;

    /// <summary>Coordinates groups.</summary>
    public required GroupCoordinator Groups { get; init; }

    /// <summary>Coordinates transactions.</summary>
    public required TransactionCoordinator Transactions { get; init; }

    /// <summary>Hands out producer ids.</summary>
    public required ProducerIds ProducerIds { get; init; }

    /// <summary>Writes markers of transactions into the partitions led here.</summary>
    public required IMarkerWriter Markers { get; init; }

    /// <summary>Asks the coordinators of transactions before anything of these is written here.</summary>
    public required TransactionVerifier Verifier { get; init; }

    /// <summary>What transactions write into <c>__consumer_offsets</c>.</summary>
    public required OffsetTransactions OffsetTransactions { get; init; }

    /// <summary>Takes the metrics of clients.</summary>
    public required ClientTelemetry Telemetry { get; init; }

    /// <summary>Changes the cluster's state, and comes back when that is committed and done here too: a topic that was
    /// created can be written to.</summary>
    /// <param name="decide">The decision; pure.</param>
    /// <param name="lost">The answer where this node is not the controller any more.</param>
    public async Task<TAnswer> ChangeAsync<TAnswer>(
        Func<ClusterState, Decision<TAnswer, ITypedRecord>> decide, Func<TAnswer> lost)
    {
        var answer = await Controller.CommandAsync(decide, lost);
        await Replicas.SettledAsync();
        return answer;
    }

    /// <summary>Changes the cluster's state within the client's quota of mutations (KIP-599), and has the client wait
    /// for what is beyond it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="firstVersionWithError">The first version of it whose clients know
    /// THROTTLING_QUOTA_EXCEEDED.</param>
    /// <param name="decide">The decision; pure.</param>
    /// <param name="lost">The answer where this node is not the controller any more.</param>
    public async Task<TAnswer?> ChangeAsync<TAnswer>(
        RequestContext context, short firstVersionWithError,
        Func<ClusterState, MutationBudget?, Decision<TAnswer, ITypedRecord>> decide, Func<TAnswer> lost)
        where TAnswer : class
    {
        var quota = Quotas.Mutations(context, firstVersionWithError);
        var answer = await ChangeAsync(state => quota.Within(budget => decide(state, budget)), lost);
        context.Throttle(quota.Wait);
        return answer;
    }

    /// <summary>Makes one of the cluster's own topics where it is missing; when this completes it can be written
    /// to.</summary>
    /// <param name="name">The topic.</param>
    public Task EnsureTopicAsync(string name) => State.Topics.ContainsKey(name)
        ? Task.CompletedTask
        : AutoCreateAsync([name]);

    /// <summary>Makes topics nobody asked to make, with what the cluster is configured with.</summary>
    /// <param name="names">The topics.</param>
    /// <returns>The outcome of each name; nothing where there is no controller. A topic made by a controller on another
    /// node may not be known here yet.</returns>
    public async Task<IReadOnlyDictionary<string, ApiError>> AutoCreateAsync(IReadOnlyList<string> names)
    {
        if (Link.IsHere)
        {
            return await ChangeAsync(
                state => AutoCreateTopics.Decide(state, names, TopicRules),
                () => new SortedDictionary<string, ApiError>());
        }

        var request = AutoCreateTopics.RequestOf(State, names, TopicRules);
        return await Link.CreateAsync(request) is { } answer
            ? AutoCreateTopics.OutcomesOf(answer)
            : new SortedDictionary<string, ApiError>();
    }

    /// <summary>What new topics are made by.</summary>
    public TopicRules TopicRules { get; } = new(Configs, Host.Random);

    /// <summary>The brokers that can be reached by a listener of that name, and where.</summary>
    /// <param name="state">The cluster.</param>
    /// <param name="listener">The name of the listener the client came by.</param>
    /// <param name="withFenced">True to name brokers that are fenced too.</param>
    internal static IEnumerable<(BrokerState Broker, Endpoint Endpoint)> BrokersAt(
        ClusterState state, string listener, bool withFenced = false) =>
        from broker in state.Brokers
        where withFenced || !broker.Value.Fenced
        let endpoint = broker.Value.EndpointOf(listener)
        where endpoint is not null
        select (broker.Value, endpoint.Value);

    /// <summary>The broker clients send admin requests to: any that serves does, since all pass them on.</summary>
    /// <remarks>Some clients refuse to work when it is not in the list of brokers.</remarks>
    internal static BrokerId ControllerFor(ClusterState state, string listener) =>
        BrokersAt(state, listener).Select(b => b.Broker.Id).DefaultIfEmpty(BrokerId.None).First();

    /// <summary>Whether a partition's leader can be named to a client of that listener.</summary>
    /// <returns>None, LEADER_NOT_AVAILABLE or LISTENER_NOT_FOUND.</returns>
    internal static ErrorCode LeaderError(ClusterState state, PartitionState partition, string listener)
    {
        if (!state.Brokers.TryGetValue(partition.Leader, out var leader) || leader.Fenced)
            return ErrorCode.LeaderNotAvailable;
        return leader.EndpointOf(listener) is null ? ErrorCode.ListenerNotFound : ErrorCode.None;
    }
}
