namespace Barnabas.Tests.Checker;

/// <summary>How an operation ended, as its client knows it.</summary>
public enum Outcome
{
    /// <summary>It took effect: the commit, or the acknowledgement, came.</summary>
    Ok,

    /// <summary>It has no effect: it was aborted, or refused for good.</summary>
    Failed,

    /// <summary>Nobody knows: the answer was lost, or did not tell.</summary>
    Unknown,
}
