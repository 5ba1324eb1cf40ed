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
    /// <param name="handler">Who serves it.</param>
    /// <param name="served">The versions served; all stable ones unless given.</param>
    /// <param name="advertised">The versions shown by ApiVersions; those served unless given.</param>
    /// <param name="audience">For whom it is.</param>
    public void Add<TRequest, TResponse>(
        IApiHandler<TRequest, TResponse> handler,
        VersionRange? served = null,
        VersionRange? advertised = null,
        ApiAudience audience = ApiAudience.Clients)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse>
    {
        var range = Range<TRequest>(served);
        Add(new ApiEntry<TRequest, TResponse>(handler, range, advertised ?? range) { Audience = audience });
    }

    /// <summary>Adds an API that is served by exchanges.</summary>
    /// <param name="handler">Who serves it.</param>
    /// <param name="served">The versions served; all stable ones unless given.</param>
    /// <param name="advertised">The versions shown by ApiVersions; those served unless given.</param>
    public void Add<TRequest, TResponse>(
        IExchangeHandler<TRequest, TResponse> handler,
        VersionRange? served = null,
        VersionRange? advertised = null)
        where TRequest : IRequest<TRequest, TResponse>, IRefilled, new()
        where TResponse : class, IApiMessage<TResponse>
    {
        var range = Range<TRequest>(served);
        Add(new ExchangedApi<TRequest, TResponse>(handler, range, advertised ?? range));
    }

    /// <summary>The entry of a key; null when it is not served at that listener.</summary>
    public ApiEntry? Find(ApiKey key, string listener) =>
        _entries.GetValueOrDefault((short)key) is { } entry && IsServed(entry, listener) ? entry : null;

    /// <summary>What is served at a listener, by key.</summary>
    public IEnumerable<ApiEntry> ServedAt(string listener) => Entries.Where(entry => IsServed(entry, listener));

    private bool IsServed(ApiEntry entry, string listener) =>
        entry.Audience != ApiAudience.Brokers || listener == InterBrokerListener;

    private static VersionRange Range<TRequest>(VersionRange? served)
        where TRequest : IApiMessage<TRequest>
    {
        var range = served ?? new VersionRange(TRequest.FirstVersion, TRequest.LastStableVersion);
        Invariant.Holds(
            range.First >= TRequest.FirstVersion && range.Last <= TRequest.LastVersion
                && range.First <= range.Last,
            $"the versions of {TRequest.ApiKey} exist");
        return range;
    }

    private void Add(ApiEntry entry)
    {
        var added = _entries.TryAdd((short)entry.Key, entry);
        Invariant.Holds(added, $"{entry.Key} is served once");
    }
}
