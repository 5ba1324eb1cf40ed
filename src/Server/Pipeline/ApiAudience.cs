namespace Barnabas.Server;

/// <summary>For whom an API is served.</summary>
public enum ApiAudience
{
    /// <summary>For everybody, at every listener.</summary>
    Clients,

    /// <summary>For everybody; the controller decides, and other nodes pass the request on to it (KIP-590).</summary>
    ClientsOfController,

    /// <summary>For the other brokers of the cluster, at the listener they use among themselves.</summary>
    Brokers,
}
