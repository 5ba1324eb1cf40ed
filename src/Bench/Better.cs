namespace Barnabas.Bench;

/// <summary>Which way a figure should go.</summary>
public enum Better
{
    /// <summary>It says how the run was, not how good.</summary>
    Neither,

    /// <summary>The more the better.</summary>
    More,

    /// <summary>The less the better.</summary>
    Less,
}
