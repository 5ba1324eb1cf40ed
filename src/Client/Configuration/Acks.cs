namespace Barnabas.Client;

/// <summary>Who must have a record before the broker answers.</summary>
public enum Acks
{
    /// <summary>All replicas in sync.</summary>
    All = -1,

    /// <summary>Nobody: the broker does not answer, and losses go unseen.</summary>
    None = 0,

    /// <summary>The partition's leader alone.</summary>
    Leader = 1,
}
