namespace Barnabas.Cluster.Configs;

/// <summary>Whose time a topic's records carry: the values of <c>message.timestamp.type</c>.</summary>
public enum TopicTimestampType
{
    /// <summary>The producer's.</summary>
    CreateTime,

    /// <summary>The broker's, when it appended them.</summary>
    LogAppendTime,
}
