using Barnabas.Base;

namespace Barnabas.Cluster;

/// <summary>What a controller knows of its cluster beside the records.</summary>
/// <param name="ClusterId">The cluster's id, from <c>meta.properties</c>.</param>
/// <param name="NextOffset">The offset the next record gets: it becomes a broker's epoch.</param>
/// <param name="IsAlive">Whether the process last registered under an id is heard of.</param>
public readonly record struct Membership(string ClusterId, long NextOffset, Func<BrokerId, bool> IsAlive);
