using Barnabas.Base;

namespace Barnabas.Groups.Assignors;

/// <summary>A member as an assignor sees it.</summary>
/// <param name="MemberId">Its id.</param>
/// <param name="InstanceId">A static member's lasting name; null for others (KIP-345).</param>
/// <param name="Topics">The topics it subscribes to. Members with the same subscription had better share the object:
/// then it is read once.</param>
/// <param name="Target">What it shall own by the target assignment up to now.</param>
public sealed record AssignorMember(
    string MemberId, string? InstanceId, IReadOnlyCollection<TopicId> Topics, PartitionSet Target);
