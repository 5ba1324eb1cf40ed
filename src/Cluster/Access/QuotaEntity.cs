using System.Collections.Immutable;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>Whom a client quota binds: a user, a client id, an address, or a pair of them (KIP-546).</summary>
/// <param name="Parts">Type and name, by type in ordinal order, each type once; a null name is the default.</param>
public sealed record QuotaEntity(ImmutableArray<(string Type, string? Name)> Parts) : IComparable<QuotaEntity>
{
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

    internal static QuotaEntity From(ClientQuotaRecord record) =>
        new([.. record.Entity
            .DistinctBy(part => part.EntityType)
            .OrderBy(part => part.EntityType, StringComparer.Ordinal)
            .Select(part => (part.EntityType, part.EntityName))]);

    internal ClientQuotaRecord ToRecord(string key, double value) => new()
    {
        Entity = [.. Parts.Select(part => new ClientQuotaRecord.EntityData
        {
            EntityType = part.Type,
            EntityName = part.Name,
        })],
        Key = key,
        Value = value,
    };
}
