using Barnabas.Base;

namespace Barnabas.Journal;

/// <summary>The nodes that keep a journal, as its leader sees them at a moment.</summary>
/// <param name="Leader">Who leads.</param>
/// <param name="Epoch">The epoch in which it leads.</param>
/// <param name="HighWatermark">The offset below which all is committed.</param>
/// <param name="Voters">Those whose word counts, the leader among them.</param>
/// <param name="Observers">Those that only follow; may be empty.</param>
public sealed record QuorumView(
    BrokerId Leader, LeaderEpoch Epoch, Offset HighWatermark, IReadOnlyList<QuorumMember> Voters,
    IReadOnlyList<QuorumMember> Observers);

/// <summary>How far one of the nodes has got (KIP-836).</summary>
/// <param name="Id">The node.</param>
/// <param name="DirectoryId">The directory of its log; zero where that is not known (KIP-853).</param>
/// <param name="LogEnd">The end of its log; -1 where that is not known.</param>
/// <param name="LastFetch">When it last asked the leader for records; the leader always has.</param>
/// <param name="LastCaughtUp">When it last had all that the leader had.</param>
public readonly record struct QuorumMember(
    BrokerId Id, Uuid DirectoryId, Offset LogEnd, DateTimeOffset LastFetch, DateTimeOffset LastCaughtUp);
