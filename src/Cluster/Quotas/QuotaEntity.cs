using System.Collections.Immutable;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>Whom a client quota binds: a user, a client id, an address, or a pair of them (KIP-546).</summary>
/// <param name="Parts">Type and name, by type in ordinal order, each type once; a null name is the default.</param>
public sealed record QuotaEntity(ImmutableArray<(string Type, string? Name)> Parts) : IComparable<QuotaEntity>
{
    /// <summary>The type of a user.</summary>
    public const string User = "user";

    /// <summary>The type of what clients call themselves.</summary>
    public const string ClientId = "client-id";

    /// <summary>The type of the address a client connects from.</summary>
    public const string Ip = "ip";

    /// <summary>The entity of one part.</summary>
    public static QuotaEntity Of(string type, string? name) => new([(type, name)]);

    /// <summary>The entity of a user's clients of one id.</summary>
    public static QuotaEntity OfPair(string? user, string? clientId) => new([(ClientId, clientId), (User, user)]);

    /// <summary>Orders part by part, by type, then by name.</summary>
    public int CompareTo(QuotaEntity? other)
    {
        if (other is null)
            return 1;
        for (var i = 0; i < Math.Min(Parts.Length, other.Parts.Length); i++)
        {
            var byType = string.CompareOrdinal(Parts[i].Type, other.Parts[i].Type);
            var order = byType != 0 ? byType : string.CompareOrdinal(Parts[i].Name, other.Parts[i].Name);
            if (order != 0)
                return order;
        }

        return Parts.Length.CompareTo(other.Parts.Length);
    }

    /// <summary>True for the same parts.</summary>
    public bool Equals(QuotaEntity? other) => CompareTo(other) == 0;

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var part in Parts)
            hash.Add(part);
        return hash.ToHashCode();
    }

    /// <summary>True when it has a part of that type.</summary>
    public bool Has(string type) => TryGet(type, out _);

    /// <summary>Finds the name of the part of a type; null is the default's.</summary>
    public bool TryGet(string type, out string? name)
    {
        foreach (var part in Parts)
        {
            name = part.Name;
            if (part.Type == type)
                return true;
        }

        name = null;
        return false;
    }

    /// <summary>As Kafka prints it: <c>ClientQuotaEntity(entries={user=null})</c>.</summary>
    public override string ToString() =>
        $"ClientQuotaEntity(entries={{{string.Join(", ", Parts.Select(p => $"{p.Type}={p.Name ?? "null"}"))}}})";

    internal static QuotaEntity From(ClientQuotaRecord record) =>
        new([.. record.Entity
            .DistinctBy(part => part.EntityType)
            .OrderBy(part => part.EntityType, StringComparer.Ordinal)
            .Select(part => (part.EntityType, part.EntityName))]);

    internal ClientQuotaRecord ToRecord(string key, double value) =>
        new() { Entity = ToRecord(), Key = key, Value = value };

    internal ClientQuotaRecord ToRemoval(string key) => new() { Entity = ToRecord(), Key = key, Remove = true };

    private List<ClientQuotaRecord.EntityData> ToRecord() =>
        [.. Parts.Select(part => new ClientQuotaRecord.EntityData { EntityType = part.Type, EntityName = part.Name })];
}
