using System.Collections.Immutable;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>A delegation token (KIP-48); its secret is derived, not stored.</summary>
/// <param name="Owner">Whom it stands for.</param>
/// <param name="Requester">Who asked for it.</param>
/// <param name="Renewers">Who else may renew it.</param>
/// <param name="IssueTimestamp">When it was made, in ms since 1970.</param>
/// <param name="MaxTimestamp">Up to when it may be renewed, in ms since 1970.</param>
/// <param name="ExpirationTimestamp">When it ends, in ms since 1970.</param>
public sealed record DelegationToken(
    string Owner, string Requester, ImmutableArray<string> Renewers, long IssueTimestamp, long MaxTimestamp,
    long ExpirationTimestamp)
{
    internal static DelegationToken From(DelegationTokenRecord record) => new(
        record.Owner, record.Requester, [.. record.Renewers], record.IssueTimestamp, record.MaxTimestamp,
        record.ExpirationTimestamp);

    internal DelegationTokenRecord ToRecord(string id) => new()
    {
        Owner = Owner,
        Requester = Requester,
        Renewers = [.. Renewers],
        IssueTimestamp = IssueTimestamp,
        MaxTimestamp = MaxTimestamp,
        ExpirationTimestamp = ExpirationTimestamp,
        TokenId = id,
    };
}
