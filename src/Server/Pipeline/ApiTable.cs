using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>The one list of what is served: the gates, ApiVersions and the documentation follow from
/// it.</summary>
/// <remarks>Filled while the node is put together, and not changed once it serves.</remarks>
public sealed class ApiTable
{
    private readonly SortedDictionary<short, ApiEntry> _entries = [];

    /// <summary>All entries, by key.</summary>
    public IReadOnlyCollection<ApiEntry> Entries => _entries.Values;

    /// <summary>The listener that brokers use among themselves; null where there is none.</summary>
    public string? InterBrokerListener { get; init; }

    /// <summary>Adds an API.</summary>
    /// <param name="key">The API.</param>
    /// <param name="make">Makes who serves it; called once, with the first request, on a connection's lane.</param>
    /// <param name="served">The versions served; all stable ones unless given.</param>
    /// <param name="advertised">The versions shown by ApiVersions; those served unless given.</param>
    /// <param name="audience">For whom it is.</param>
    public void Add(
        ApiKey key,
        Func<ApiService> make,
        VersionRange? served = null,
        VersionRange? advertised = null,
        ApiAudience audience = ApiAudience.Clients)
    {
        var (first, lastStable, last) = key.Versions();
        var range = served ?? new VersionRange(first, lastStable);
        Invariant.Holds(
            range.First >= first && range.Last <= last && range.First <= range.Last, $"the versions of {key} exist");
        var added = _entries.TryAdd(
            (short)key, new ApiEntry(key, make, range, advertised ?? range) { Audience = audience });
        Invariant.Holds(added, $"{key} is served once");
    }

    /// <summary>The entry of a key; null when it is not served at that listener.</summary>
    public ApiEntry? Find(ApiKey key, string listener) =>
        _entries.GetValueOrDefault((short)key) is { } entry && IsServed(entry, listener) ? entry : null;

    /// <summary>What is served at a listener, by key.</summary>
    public IEnumerable<ApiEntry> ServedAt(string listener) => Entries.Where(entry => IsServed(entry, listener));

    private bool IsServed(ApiEntry entry, string listener) =>
        entry.Audience != ApiAudience.Brokers || listener == InterBrokerListener;
}
