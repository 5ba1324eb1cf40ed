using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>What a member of a classic group told its leader.</summary>
/// <param name="MemberId">The member's id.</param>
/// <param name="InstanceId">A static member's lasting name; null for others (KIP-345).</param>
/// <param name="Topics">The topics it subscribes to.</param>
public sealed record MemberSubscription(string MemberId, string? InstanceId, IReadOnlyList<string> Topics)
{
    /// <summary>The partitions it holds on to while it rebalances; empty where the protocol is eager.</summary>
    public IReadOnlyList<TopicPartition> Owned { get; init; } = [];

    /// <summary>The generation it owned them in; -1 when unknown (KIP-792).</summary>
    public int Generation { get; init; } = -1;

    /// <summary>The assignor's own data; empty for none.</summary>
    public ReadOnlyMemory<byte> UserData { get; init; }

    /// <summary>Where the member stands; null when it does not say (KIP-881).</summary>
    public string? Rack { get; init; }

    /// <summary>Orders static members by their lasting names, so that they keep their shares over a restart, and the
    /// others behind them by their ids.</summary>
    internal static int Compare(MemberSubscription a, MemberSubscription b) => (a.InstanceId, b.InstanceId) switch
    {
        (null, null) => string.CompareOrdinal(a.MemberId, b.MemberId),
        (null, _) => 1,
        (_, null) => -1,
        var (first, second) => string.CompareOrdinal(first, second),
    };
}
