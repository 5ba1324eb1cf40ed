namespace Barnabas.Client;

/// <summary>A part of whom a quota binds.</summary>
/// <param name="Type"><c>user</c>, <c>client-id</c> or <c>ip</c>.</param>
/// <param name="Name">The name; null for all that have no quota of their own.</param>
public readonly record struct QuotaPart(string Type, string? Name);

/// <summary>The quotas of an entity.</summary>
/// <param name="Entity">Whom they bind: one part, or a user and a client id.</param>
/// <param name="Quotas">The limits by key, in the unit of the key: <c>producer_byte_rate</c>,
/// <c>consumer_byte_rate</c> (bytes a second), <c>request_percentage</c>, <c>controller_mutation_rate</c> (partitions a
/// second), <c>connection_creation_rate</c> (a second).</param>
public sealed record QuotaEntry(IReadOnlyList<QuotaPart> Entity, IReadOnlyDictionary<string, double> Quotas);

/// <summary>Which names of a type are looked for.</summary>
public enum QuotaMatch
{
    /// <summary>One name.</summary>
    Exact = 0,

    /// <summary>The default.</summary>
    Default = 1,

    /// <summary>Any name, and the default.</summary>
    Any = 2,
}

/// <summary>What an entity must have to be found.</summary>
/// <param name="Type"><c>user</c>, <c>client-id</c> or <c>ip</c>.</param>
/// <param name="Match">Which names.</param>
/// <param name="Name">The name; null unless <paramref name="Match"/> is exact.</param>
public readonly record struct QuotaFilter(string Type, QuotaMatch Match, string? Name = null);

/// <summary>A change of a quota.</summary>
/// <param name="Key">The quota.</param>
/// <param name="Value">Its limit; null removes it.</param>
public readonly record struct QuotaChange(string Key, double? Value);
