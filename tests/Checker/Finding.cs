namespace Barnabas.Tests.Checker;

/// <summary>An anomaly that was found.</summary>
/// <param name="Anomaly">Which.</param>
/// <param name="Key">The key; -1 where it is of several.</param>
/// <param name="Operations">The operations that show it, by their place in the history.</param>
/// <param name="Values">The values, or offsets, that show it.</param>
/// <param name="IsAllowed">True when the guarantees of Kafka allow it.</param>
public sealed record Finding(
    Anomaly Anomaly, int Key, IReadOnlyList<int> Operations, IReadOnlyList<long> Values, bool IsAllowed)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Anomaly} of key {Key}: values {string.Join(", ", Values)}, operations {string.Join(", ", Operations)}";
}
