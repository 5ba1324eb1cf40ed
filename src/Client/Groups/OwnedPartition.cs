using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>A partition that a member of a group has. Owned by the client's lane.</summary>
internal sealed class OwnedPartition
{
    /// <summary>Where it is fetched from; null as long as that is not known.</summary>
    public FetchPosition? Position { get; set; }

    /// <summary>Where the reading began, once what was fetched there has been dropped; none as long as
    /// <see cref="Position"/> says it.</summary>
    public Offset Origin { get; set; } = Offset.None;

    /// <summary>Where the reading began; none as long as it is not known.</summary>
    public Offset Began => Origin != Offset.None ? Origin : Position?.First ?? Offset.None;

    /// <summary>The offset after the last record that the application is done with; none as long as there is no such
    /// record.</summary>
    public Offset Handled { get; set; } = Offset.None;

    /// <summary>The next offset the application will handle; none as long as it is not known.</summary>
    public Offset Next => Handled != Offset.None ? Handled : Position?.First ?? Offset.None;

    /// <summary>The leader epoch of the last record handled; -1 when unknown.</summary>
    public LeaderEpoch Epoch { get; set; } = LeaderEpoch.None;

    /// <summary>The position that the coordinator has; none where it has none.</summary>
    public Offset Committed { get; set; } = Offset.None;

    /// <summary>True while the application does not want its records.</summary>
    public bool IsPaused { get; set; }

    /// <summary>True once the application has been told of it.</summary>
    public bool IsTold { get; set; }

    /// <summary>Where to begin; null as long as the coordinator has not said.</summary>
    public OffsetSpec? Start { get; set; }
}

/// <summary>A change that the application is to be told of, between two records.</summary>
/// <param name="change">What changes.</param>
internal sealed class RebalanceStep(RebalanceChange change)
{
    /// <summary>What changes.</summary>
    public RebalanceChange Change { get; set; } = change;

    /// <summary>True once the application is done with it.</summary>
    public bool IsDone { get; set; }
}
