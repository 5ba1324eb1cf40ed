namespace Barnabas.Cluster;

/// <summary>What a topic may be called.</summary>
public static class TopicNames
{
    /// <summary>The longest name: with a partition's number it still fits a directory's.</summary>
    public const int MaxLength = 249;

    /// <summary>The topic-like name of the metadata log, which is no topic.</summary>
    public const string ClusterMetadata = "__cluster_metadata";

    /// <summary>Where groups keep their offsets.</summary>
    public const string ConsumerOffsets = "__consumer_offsets";

    /// <summary>Where transactions are kept.</summary>
    public const string TransactionState = "__transaction_state";

    /// <summary>Where share groups keep their state (KIP-932).</summary>
    public const string ShareGroupState = "__share_group_state";

    /// <summary>What is wrong with a name, or null when it is legal.</summary>
    public static string? Check(string name)
    {
        var fault = name switch
        {
            "" => "the empty string is not allowed",
            "." => "'.' is not allowed",
            ".." => "'..' is not allowed",
            { Length: > MaxLength } =>
                $"the length of '{name}' is longer than the max allowed length {MaxLength}",
            _ when !name.All(IsLegal) =>
                $"'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
            _ => null,
        };
        return fault is null ? null : $"Topic name is invalid: {fault}";
    }

    /// <summary>True for topics that hold the cluster's own state.</summary>
    public static bool IsInternal(string name) => name is ConsumerOffsets or TransactionState or ShareGroupState;

    /// <summary>True for a name that could share its metric name with another: dots become underscores there.</summary>
    public static bool MayCollide(string name) => name.AsSpan().ContainsAny('.', '_');

    /// <summary>The name as metrics show it: names with the same one collide.</summary>
    public static string Fold(string name) => name.Replace('.', '_');

    private static bool IsLegal(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';
}
