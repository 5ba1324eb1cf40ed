using Barnabas.Journal;
using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>A cluster whose metadata an ensemble is to keep from now on.</summary>
/// <param name="Id">The cluster's id, which stays.</param>
/// <param name="State">The records that rebuild its state, and what they stand for.</param>
public sealed record ImportedCluster(string Id, Committed<ITypedRecord> State)
{
    /// <summary>Called, on the lane of the import, once the place is taken and before anything counts there.</summary>
    public Func<Task> Begun { get; init; } = static () => Task.CompletedTask;

    /// <summary>True where an earlier import of this cluster may have come to its end.</summary>
    public bool MayBeThere { get; init; }
}
