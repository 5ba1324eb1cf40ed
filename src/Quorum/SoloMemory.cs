using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Wire;

namespace Barnabas.Quorum;

/// <summary>What a node alone remembers, as its disk has it.</summary>
public sealed record SoloMemory
{
    /// <summary>True where there is nothing yet.</summary>
    public required bool IsBlank { get; init; }

    /// <summary>The newest snapshot; null where it stands for no records.</summary>
    public required Committed<ITypedRecord>? Snapshot { get; init; }

    /// <summary>The batches after it, control batches without records among them.</summary>
    public IReadOnlyList<Committed<ITypedRecord>> Batches => Log.Batches;

    /// <summary>The last epoch in which the node led.</summary>
    public required int Epoch { get; init; }

    /// <summary>The name of the newest snapshot; <see cref="SnapshotId.Bootstrap"/> before the first.</summary>
    internal SnapshotId Newest { get; init; }

    /// <summary>The voters that it names.</summary>
    internal VoterSet VotersOfSnapshot { get; init; } = VoterSet.Unrecorded;

    /// <summary>The segments.</summary>
    internal ScannedLog Log { get; init; } = new() { Voters = VoterSet.Unrecorded };

    /// <summary>Reads it while the node does not run; nothing on disk changes. From any lane.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="settings">Where and who.</param>
    /// <exception cref="MetadataDamagedException">What is there is damaged.</exception>
    /// <exception cref="IOException">There is none, it belongs to a quorum of several nodes, or the disk
    /// refused.</exception>
    public static Task<SoloMemory> ReadAsync(Host host, SoloSettings settings) => host.Lanes.RunBlockingAsync(() =>
        host.Disk.DirectoryExists(SoloReader.DirectoryIn(settings.LogDir))
            ? new SoloReader(host, settings).Read()
            : throw new IOException($"there is no metadata log {SoloReader.DirectoryIn(settings.LogDir)}"));
}
