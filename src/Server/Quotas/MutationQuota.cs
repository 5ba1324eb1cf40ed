using Barnabas.Cluster;

namespace Barnabas.Server.Quotas;

/// <summary>The mutation quota of one request (KIP-599).</summary>
/// <param name="bucket">The client's quota; null where it has none.</param>
/// <param name="isStrict">True to refuse what is too much; else the client is only let wait.</param>
internal sealed class MutationQuota(RateBucket? bucket, bool isStrict)
{
    /// <summary>How long the client has to wait, once the decision has been made.</summary>
    internal TimeSpan Wait { get; private set; }

    /// <summary>Makes a decision within the quota, and counts what it does. On the controller's lane, where no other
    /// decision comes between.</summary>
    internal T Within<T>(Func<MutationBudget?, T> decide)
    {
        if (bucket is null)
            return decide(null);
        var budget = new MutationBudget(bucket.Available, isStrict);
        var decision = decide(budget);
        var debt = budget.Taken > 0 ? bucket.Take(budget.Taken) : bucket.Debt;
        if (budget.WasExceeded || !isStrict)
            Wait = debt;
        return decision;
    }
}
