namespace Barnabas.Client;

/// <summary>Where a reader goes on when its offset lies outside the log.</summary>
public enum OffsetReset
{
    /// <summary>At the first record there is.</summary>
    Earliest,

    /// <summary>Behind the last record there is.</summary>
    Latest,
}
