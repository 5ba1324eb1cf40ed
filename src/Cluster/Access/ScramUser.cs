namespace Barnabas.Cluster;

/// <summary>Whose SCRAM credential it is, and for which hash.</summary>
/// <param name="Name">The user.</param>
/// <param name="Mechanism">The wire's number: 1 SHA-256, 2 SHA-512.</param>
public readonly record struct ScramUser(string Name, sbyte Mechanism) : IComparable<ScramUser>
{
    /// <summary>Orders by name, ordinally, then by mechanism.</summary>
    public int CompareTo(ScramUser other)
    {
        var byName = string.CompareOrdinal(Name, other.Name);
        return byName != 0 ? byName : Mechanism.CompareTo(other.Mechanism);
    }
}
