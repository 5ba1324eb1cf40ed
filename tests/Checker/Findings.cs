namespace Barnabas.Tests.Checker;

/// <summary>What was found so far.</summary>
internal sealed class Findings
{
    private readonly List<Finding> _all = [];

    /// <summary>All of it, by anomaly, in the order in which it was found.</summary>
    public IReadOnlyList<Finding> All => [.. _all.OrderBy(finding => finding.Anomaly)];

    /// <summary>Adds one.</summary>
    public void Add(Anomaly anomaly, int key, IReadOnlyList<int> operations, params IReadOnlyList<long> values) =>
        Add(anomaly, key, operations, anomaly.IsAllowed(), values);

    /// <summary>Adds one that may be allowed where others of its kind are not.</summary>
    public void Add(
        Anomaly anomaly, int key, IReadOnlyList<int> operations, bool isAllowed, IReadOnlyList<long> values) =>
        _all.Add(new(anomaly, key, operations, values, isAllowed));
}
