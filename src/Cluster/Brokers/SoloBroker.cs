using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>A broker's way into a cluster whose controller is the same process: no heartbeats, the decisions
/// themselves.
/// </summary>
/// <param name="machine">The controller.</param>
/// <param name="journal">Where the controller's records go.</param>
/// <param name="configs">What the node is configured with.</param>
public sealed class SoloBroker(
    Machine<ClusterState, ITypedRecord> machine, IJournal<ITypedRecord> journal, EffectiveConfigs configs)
{
    /// <summary>Makes the cluster if it is new, registers the broker and unfences it; returns its broker
    /// epoch.</summary>
    /// <param name="registration">What the broker says of itself.</param>
    /// <param name="bootstrap">The first records of a new cluster: of <c>bootstrap.checkpoint</c>, or of
    /// <see cref="FinalizeFeatures.Records"/>.</param>
    /// <exception cref="IOException">The controller refused, as when the disk belongs to another cluster.</exception>
    public async Task<long> JoinAsync(BrokerRegistrationRequest registration, IReadOnlyList<ITypedRecord> bootstrap)
    {
        Demand(await machine.CommandAsync(
            state => FinalizeFeatures.Decide(state, bootstrap), static () => ErrorCode.NotController));
        var answer = await machine.CommandAsync(
            state => RegisterBroker.Decide(state, registration, Membership(registration.ClusterId), configs),
            static () => new BrokerRegistrationResponse { ErrorCode = ErrorCode.NotController });
        Demand(answer.ErrorCode);
        Demand(await machine.CommandAsync(
            state => FenceBroker.Unfence(state, registration.BrokerId, answer.BrokerEpoch, configs),
            static () => ErrorCode.NotController));
        return answer.BrokerEpoch;
    }

    /// <summary>The broker stops: its partitions are without a leader until it is back.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="epoch">What <see cref="JoinAsync"/> returned.</param>
    public Task<ErrorCode> LeaveAsync(BrokerId broker, long epoch) => machine.CommandAsync(
        state => FenceBroker.ShutDown(state, broker, epoch, configs), static () => ErrorCode.NotController);

    // Whoever was registered before was a process that held the lock of the same directory.
    private Membership Membership(string clusterId) => new(clusterId, journal.NextOffset, static _ => false);

    private static void Demand(ErrorCode error)
    {
        if (error != ErrorCode.None)
            throw new IOException($"the broker cannot join its cluster: {error.KafkaName()}, {error.Meaning()}");
    }
}
