using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>What a copy of a log cannot know from the batches it was given: see
/// <see cref="PartitionLog.TakeOver"/>.</summary>
public sealed class LogHandover
{
    internal LogHandover(LogView view, IReadOnlyList<(ProducerId Id, ProducerState State)> producers) =>
        (View, Producers) = (view, producers);

    /// <summary>The log as it stood.</summary>
    public LogView View { get; }

    /// <summary>Its producers, those too whose batches are gone.</summary>
    internal IReadOnlyList<(ProducerId Id, ProducerState State)> Producers { get; }
}
