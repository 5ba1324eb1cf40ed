namespace Barnabas.Cluster;

/// <summary>What is known of the levels of <c>metadata.version</c>.</summary>
internal static class MetadataVersions
{
    /// <summary>The levels with which records came or changed their form, as in Kafka's MetadataVersion.</summary>
    private static readonly short[] WithOtherRecords = [8, 11, 13, 14, 15, 17, 23];

    /// <summary>True when what is recorded at the higher of two levels can be recorded at the lower one.</summary>
    public static bool HaveSameRecords(short lower, short higher) =>
        !WithOtherRecords.Any(level => level > lower && level <= higher);
}
