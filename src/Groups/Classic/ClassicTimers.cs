using Barnabas.Journal;

namespace Barnabas.Groups.Classic;

/// <summary>Rings when a member has been silent for its session timeout, or somebody who was given an id has not
/// joined.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="MemberId">The member, or the id that was given out.</param>
public sealed record SessionTimer(string GroupId, string MemberId) : TimerKey;

/// <summary>Rings when a rebalance has waited long enough for members to join.</summary>
/// <param name="GroupId">The group.</param>
public sealed record JoinTimer(string GroupId) : TimerKey;

/// <summary>Rings when members should have asked for their share.</summary>
/// <param name="GroupId">The group.</param>
public sealed record SyncTimer(string GroupId) : TimerKey;
