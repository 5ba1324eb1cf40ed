using System.Text.Json.Nodes;
using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary>Settings of a load as its report tells them.</summary>
internal static class BenchSettings
{
    /// <summary>How batches are sent.</summary>
    public static List<(string Name, JsonNode? Value)> Of(
        ProduceSettings settings, int partitions, ProduceLoad? load) =>
    [
        ("recordBytes", settings.Shape.RecordSize),
        ("keyBytes", settings.Shape.KeySize),
        ("batchBytes", load?.BatchBytes),
        ("batchRecords", load?.BatchRecords),
        ("compression", settings.Shape.Compression.Codec.ToString().ToLowerInvariant()),
        ("acks", settings.Acks),
        ("connections", settings.Connections),
        ("inFlight", settings.InFlight),
        ("recordsPerSecond", settings.RecordsPerSecond),
        ("partitions", partitions),
    ];

    /// <summary>How batches are fetched.</summary>
    public static List<(string Name, JsonNode? Value)> Of(FetchSettings settings, int partitions) =>
    [
        ("connections", settings.Connections),
        ("maxBytes", settings.MaxBytes),
        ("partitionBytes", settings.PartitionBytes),
        ("minBytes", settings.MinBytes),
        ("session", settings.HasSession),
        ("checked", settings.Checks),
        ("partitions", partitions),
    ];
}
