namespace Barnabas.Node;

/// <summary>How far a node has come; the numbers are those of Kafka's BrokerState.</summary>
public enum BrokerStage
{
    /// <summary>It opens its directories and reads the metadata.</summary>
    Starting = 1,

    /// <summary>It opens its logs, and recovers those that were not closed.</summary>
    Recovering = 2,

    /// <summary>It serves.</summary>
    Running = 3,

    /// <summary>It answers what is under way and closes.</summary>
    Stopping = 7,
}
