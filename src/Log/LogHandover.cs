using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>What a copy of a log cannot know from the batches it was given: see
/// <see cref="PartitionLog.TakeOver"/>.</summary>
public sealed class LogHandover
{
    internal LogHandover(LogView view, ProducerStates producers) =>
        (View, Producers, Verifications) = (view, producers.ToList(), producers.Verifications);

    /// <summary>The log as it stood.</summary>
    public LogView View { get; }

    /// <summary>Its producers, those too whose batches are gone.</summary>
    internal IReadOnlyList<(ProducerId Id, ProducerState State)> Producers { get; }

    /// <summary>Those whose coordinators are being asked; the copy goes on with them.</summary>
    internal Verifications Verifications { get; }
}
