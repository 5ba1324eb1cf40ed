using Barnabas.Base;

namespace Barnabas.Cluster;

/// <summary>What a request may still do to the number of partitions (KIP-599). Made for one decision, and read when it
/// has been made.</summary>
/// <param name="available">How many partitions the quota leaves; below zero where it was overdrawn.</param>
/// <param name="isStrict">True to refuse what finds the quota overdrawn; else it is only counted, as clients want it
/// that do not know the error.</param>
public sealed class MutationBudget(double available, bool isStrict)
{
    /// <summary>The partitions that the decision creates and deletes.</summary>
    public int Taken { get; private set; }

    /// <summary>True when something was refused.</summary>
    public bool WasExceeded { get; private set; }

    /// <summary>Creates or deletes partitions.</summary>
    /// <returns>Success, or THROTTLING_QUOTA_EXCEEDED.</returns>
    public ApiError Take(int partitions)
    {
        if (isStrict && available - Taken < 0)
        {
            WasExceeded = true;
            return ApiError.Of(ErrorCode.ThrottlingQuotaExceeded);
        }

        Taken += partitions;
        return ApiError.None;
    }
}
