namespace Barnabas.Cluster;

/// <summary>What can be limited: the names under which quotas are kept and set.</summary>
public static class QuotaKeys
{
    /// <summary>Bytes a second of Produce requests (KIP-13).</summary>
    public const string ProducerByteRate = "producer_byte_rate";

    /// <summary>Bytes a second of records in answers to Fetch (KIP-13).</summary>
    public const string ConsumerByteRate = "consumer_byte_rate";

    /// <summary>Time spent on requests, in percent of one thread's (KIP-124).</summary>
    public const string RequestPercentage = "request_percentage";

    /// <summary>Partitions created and deleted a second (KIP-599).</summary>
    public const string ControllerMutationRate = "controller_mutation_rate";

    /// <summary>Connections opened a second from an address (KIP-612).</summary>
    public const string ConnectionCreationRate = "connection_creation_rate";

    /// <summary>Says what is wrong with a value, in Kafka's words; null when nothing is.</summary>
    /// <param name="entity">Whom the quota binds.</param>
    /// <param name="key">The quota.</param>
    /// <param name="value">Its limit to be.</param>
    internal static string? FaultOf(QuotaEntity entity, string key, double value)
    {
        double? most = (key, entity.Has(QuotaEntity.Ip)) switch
        {
            (ConnectionCreationRate, true) => int.MaxValue,
            (ProducerByteRate or ConsumerByteRate, false) => long.MaxValue,
            (RequestPercentage or ControllerMutationRate, false) => double.PositiveInfinity,
            _ => null,
        };
        if (most is null)
            return $"Invalid configuration key {key}";

        // Kafka takes NaN; as a limit it is neither kept nor broken, so it is refused here.
        if (!(value > 0))
            return $"Quota {key} must be greater than 0";
        if (double.IsPositiveInfinity(most.Value))
            return null;
        if (value > most)
            return $"Proposed value for {key} is too large for {(most == int.MaxValue ? "an INT" : "a LONG")}.";
        return Math.Abs(value % 1.0) > 1e-6 ? $"{key} cannot be a fractional value." : null;
    }
}
