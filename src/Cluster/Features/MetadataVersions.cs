namespace Barnabas.Cluster;

/// <summary>What is known of the levels of <c>metadata.version</c>.</summary>
internal static class MetadataVersions
{
    /// <summary>From here on a smaller ISR does not begin a leader epoch (KAFKA-15021).</summary>
    public const short WithEpochKeptOnShrink = 12;

    /// <summary>From here on records can name eligible leader replicas (KIP-966).</summary>
    public const short WithEligibleReplicas = 23;

    /// <summary>The levels with which records came or changed their form, as in Kafka's MetadataVersion.</summary>
    private static readonly short[] WithOtherRecords = [8, 11, 13, 14, 15, 17, 23];

    /// <summary>True when what is recorded at the higher of two levels can be recorded at the lower one.</summary>
    public static bool HaveSameRecords(short lower, short higher) =>
        !WithOtherRecords.Any(level => level > lower && level <= higher);
}
