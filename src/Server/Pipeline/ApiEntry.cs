using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>One API that is served. Who serves it is made for the first request: most brokers are never asked for most
/// of what they serve.</summary>
public sealed class ApiEntry
{
    private readonly Lazy<ApiService> _service;

    internal ApiEntry(ApiKey key, Func<ApiService> make, VersionRange served, VersionRange advertised)
    {
        (Key, Name, Served, Advertised) = (key, key.ToString(), served, advertised);
        _service = new(() => Checked(make()));
    }

    /// <summary>The API.</summary>
    public ApiKey Key { get; }

    /// <summary>Its name, as in metrics.</summary>
    public string Name { get; }

    /// <summary>The versions that are served; a request in any other closes its connection.</summary>
    public VersionRange Served { get; }

    /// <summary>The versions that ApiVersions shows; as a rule those that are served.</summary>
    public VersionRange Advertised { get; }

    /// <summary>For whom it is.</summary>
    public ApiAudience Audience { get; init; }

    /// <summary>Who serves it. From any lane.</summary>
    internal ApiService Service => _service.Value;

    private ApiService Checked(ApiService service)
    {
        Invariant.Holds(service.Key == Key, $"{Key} is not served by what serves {service.Key}");
        return service;
    }
}
