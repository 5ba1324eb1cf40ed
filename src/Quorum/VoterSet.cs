using System.Collections.Immutable;
using Barnabas.Base;

namespace Barnabas.Quorum;

/// <summary>Who votes on the metadata, as the log tells.</summary>
/// <param name="KRaftVersion">0: the voters are configured, not recorded; 1: they are recorded (KIP-853).</param>
/// <param name="Voters">The voters recorded; empty with version 0.</param>
public sealed record VoterSet(short KRaftVersion, ImmutableArray<Voter> Voters)
{
    /// <summary>Nothing recorded.</summary>
    public static readonly VoterSet Unrecorded = new(0, []);

    /// <summary>One node alone.</summary>
    public static VoterSet Alone(Voter voter) => new(1, [voter]);
}

/// <summary>One who votes on the metadata.</summary>
/// <param name="Id">The node.</param>
/// <param name="DirectoryId">The directory of its metadata log.</param>
public readonly record struct Voter(BrokerId Id, Uuid DirectoryId);
