namespace Barnabas.Server.Apis;

/// <summary>What a client may do, as a set of bits (KIP-430). Without an authorizer that is everything there
/// is.</summary>
internal static class AuthorizedOperations
{
    /// <summary>Not asked for.</summary>
    public const int Omitted = int.MinValue;

    private const int Read = 1 << 3;
    private const int Write = 1 << 4;
    private const int Create = 1 << 5;
    private const int Delete = 1 << 6;
    private const int Alter = 1 << 7;
    private const int Describe = 1 << 8;
    private const int ClusterAction = 1 << 9;
    private const int DescribeConfigs = 1 << 10;
    private const int AlterConfigs = 1 << 11;
    private const int IdempotentWrite = 1 << 12;

    /// <summary>All that can be done to a topic.</summary>
    public const int OfTopic = Read | Write | Create | Delete | Alter | Describe | DescribeConfigs | AlterConfigs;

    /// <summary>All that can be done to the cluster.</summary>
    public const int OfCluster =
        Create | Alter | Describe | ClusterAction | DescribeConfigs | AlterConfigs | IdempotentWrite;

    /// <summary>All that can be done to a group.</summary>
    public const int OfGroup = Read | Delete | Describe | DescribeConfigs | AlterConfigs;

    /// <summary>The operations, where the client asked for them.</summary>
    public static int If(bool asked, int operations) => asked ? operations : Omitted;
}
