using Barnabas.Base;
using Barnabas.Metrics;

namespace Barnabas.Server;

/// <summary>Which client libraries are connected, and how many connections each has (KIP-511). Safe from any
/// lane.</summary>
/// <remarks>The names come from clients, who could make them up without end: those that find no room are counted
/// together as <c>other</c>.</remarks>
internal sealed class ClientSoftware
{
    private const int MostNames = 200;
    private const string Unknown = "unknown";
    private const string Other = "other";
    private PersistentMap<string, Group> _groups = PersistentMap<string, Group>.Empty(StringComparer.Ordinal);

    /// <summary>Counts a connection under what its client says it is now.</summary>
    /// <param name="before">Where it is counted so far; null before its first request.</param>
    /// <param name="connection">The connection.</param>
    /// <returns>Where it is counted from now on; the same while the client says the same.</returns>
    internal Place Follow(Place? before, ConnectionContext connection)
    {
        if (before is not null && ReferenceEquals(before.Told, connection.SoftwareName))
            return before;
        Leave(before);
        return Join(connection);
    }

    /// <summary>A connection has ended.</summary>
    internal void Leave(Place? place)
    {
        if (place is null)
            return;
        PersistentMap<string, Group> before, after;
        do
        {
            before = Volatile.Read(ref _groups);
            var group = before[place.Key];
            after = group.Count == 1
                ? before.Without(place.Key)
                : before.With(place.Key, group with { Count = group.Count - 1 });
        }
        while (Interlocked.CompareExchange(ref _groups, after, before) != before);
    }

    /// <summary>Gives how many connections each has.</summary>
    internal void Collect(MetricSink sink)
    {
        foreach (var (_, group) in Volatile.Read(ref _groups))
            sink.Add(group.Count, group.Listener, group.Name, group.Version);
    }

    private Place Join(ConnectionContext connection)
    {
        var told = connection.SoftwareName;
        var named = new Group(connection.Listener, told ?? Unknown, connection.SoftwareVersion ?? Unknown, 0);
        while (true)
        {
            var before = Volatile.Read(ref _groups);
            var group = before.ContainsKey(named.Key) || before.Count < MostNames
                ? named
                : new Group(connection.Listener, Other, Other, 0);
            if (before.TryGetValue(group.Key, out var known))
                group = known;
            var after = before.With(group.Key, group with { Count = group.Count + 1 });
            if (Interlocked.CompareExchange(ref _groups, after, before) == before)
                return new Place(group.Key, told);
        }
    }

    /// <summary>Where a connection is counted.</summary>
    /// <param name="Key">The group.</param>
    /// <param name="Told">The name its client gave then; null before it gave one.</param>
    internal sealed record Place(string Key, string? Told);

    private sealed record Group(string Listener, string Name, string Version, int Count)
    {
        public string Key { get; } = $"{Listener}\0{Name}\0{Version}";
    }
}
