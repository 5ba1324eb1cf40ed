namespace Barnabas.Base;

public readonly partial record struct BrokerId
{
    /// <summary>No broker.</summary>
    public static readonly BrokerId None = new(-1);
}

public readonly partial record struct LeaderEpoch
{
    /// <summary>No epoch: unknown, or not given.</summary>
    public static readonly LeaderEpoch None = new(-1);

    /// <summary>The epoch after this one.</summary>
    public LeaderEpoch Next() => new(checked(Value + 1));
}

public readonly partial record struct ProducerId
{
    /// <summary>No producer id: the producer is not idempotent.</summary>
    public static readonly ProducerId None = new(-1);
}

public readonly partial record struct TopicId
{
    /// <summary>No id.</summary>
    public static readonly TopicId None;
}
