using Barnabas.Base;

namespace Barnabas.Groups.Assignors;

/// <summary>What an assignor is given.</summary>
/// <param name="Members">The members, each once, in any order.</param>
/// <param name="Partitions">How many partitions each topic has; a topic that is missing has none.</param>
public sealed record GroupSpec(
    IReadOnlyCollection<AssignorMember> Members, IReadOnlyDictionary<TopicId, int> Partitions);
