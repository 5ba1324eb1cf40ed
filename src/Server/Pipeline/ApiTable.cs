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

    /// <summary>Adds an API.</summary>
    /// <param name="handler">Who serves it.</param>
    /// <param name="served">The versions served; all stable ones unless given.</param>
    /// <param name="advertised">The versions shown by ApiVersions; those served unless given.</param>
    public void Add<TRequest, TResponse>(
        IApiHandler<TRequest, TResponse> handler,
        VersionRange? served = null,
        VersionRange? advertised = null)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse>
    {
        var range = served ?? new VersionRange(TRequest.FirstVersion, TRequest.LastStableVersion);
        Invariant.Holds(
            range.First >= TRequest.FirstVersion && range.Last <= TRequest.LastVersion
                && range.First <= range.Last,
            $"the versions of {TRequest.ApiKey} exist");
        var added = _entries.TryAdd(
            (short)TRequest.ApiKey, new ApiEntry<TRequest, TResponse>(handler, range, advertised ?? range));
        Invariant.Holds(added, $"{TRequest.ApiKey} is served once");
    }

    /// <summary>The entry of a key; null when it is not served.</summary>
    public ApiEntry? Find(ApiKey key) => _entries.GetValueOrDefault((short)key);
}
