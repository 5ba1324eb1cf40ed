using System.Collections.Immutable;

namespace Barnabas.Groups.Assignors;

/// <summary>The assignors that a broker offers, as <c>group.consumer.assignors</c> lists them.</summary>
public sealed class ServerAssignors
{
    private static readonly ImmutableArray<IPartitionAssignor> Known = [new UniformAssignor(), new RangeAssignor()];
    private readonly ImmutableArray<IPartitionAssignor> _offered;

    /// <summary>The assignors of these names, at least one, the default first.</summary>
    /// <exception cref="ArgumentException">One of them is unknown, or there is none.</exception>
    public ServerAssignors(IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            throw new ArgumentException("a group needs an assignor", nameof(names));
        _offered =
        [
            .. names.Select(name => Known.FirstOrDefault(known => known.Name == name)
                ?? throw new ArgumentException($"unknown assignor: {name}", nameof(names))),
        ];
    }

    /// <summary>What is used where no member asks for another.</summary>
    public IPartitionAssignor Default => _offered[0];

    /// <summary>The names, the default first.</summary>
    public IEnumerable<string> Names => _offered.Select(assignor => assignor.Name);

    /// <summary>The assignor of a name; null where it is not offered.</summary>
    public IPartitionAssignor? Find(string name) => _offered.FirstOrDefault(assignor => assignor.Name == name);
}
