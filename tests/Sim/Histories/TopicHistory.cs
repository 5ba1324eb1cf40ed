using Barnabas.SimCluster;

namespace Barnabas.Tests.Simulation.Histories;

/// <summary>A history of topics: producers, a consumer, and an operator who creates, changes and deletes.</summary>
/// <param name="seed">What it follows from.</param>
internal sealed class TopicHistory(int seed) : History(seed)
{
    /// <inheritdoc/>
    protected override IEnumerable<Task> Begin(Operator admin) =>
    [
        admin.RunAsync(),
        new IdempotentSender(this, 2).RunAsync(),
        new IdempotentSender(this, 3).RunAsync(),
        new SessionReader(this, 4).RunAsync(),
        new ManagedProducer(this, () => admin.CreateKeptAsync("managed", 2), 6).RunAsync(),
    ];
}
