namespace Barnabas.Client;

/// <summary>A member's part in a group, by one of the protocols: it tells the reading which partitions it has. Owned by
/// the client's lane.</summary>
internal interface IMembership
{
    /// <summary>The member's id; empty before it has one.</summary>
    string MemberId { get; }

    /// <summary>Joins, and stays a member from now on.</summary>
    void Start();

    /// <summary>Ends the membership; a static member only stays away (KIP-345).</summary>
    Task LeaveAsync();
}
