using Barnabas.Journal;

namespace Barnabas.Groups.Classic;

/// <summary>Rings when a member has been silent for its session timeout, or somebody who was given an id has not
/// joined.</summary>
internal sealed record SessionTimer(string GroupId, string MemberId) : TimerKey;

/// <summary>Rings when a rebalance has waited long enough for members to join.</summary>
internal sealed record JoinTimer(string GroupId) : TimerKey;

/// <summary>Rings when members should have asked for their share.</summary>
internal sealed record SyncTimer(string GroupId) : TimerKey;
