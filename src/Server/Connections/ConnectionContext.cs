using System.Net;
using Barnabas.Base;
using Barnabas.Server.Apis.Fetch;
using Barnabas.Server.Quotas;

namespace Barnabas.Server;

/// <summary>Who is at the other end of a connection. Owned by the connection's lane.</summary>
public sealed class ConnectionContext
{
    private const string Anonymous = "ANONYMOUS";

    internal ConnectionContext(
        long id, string listener, IConnection connection, Lane lane, CancellationToken closed) =>
        (Id, Listener, Local, Remote, Lane, Closed) =
        (id, listener, connection.Local, connection.Remote, lane, closed);

    /// <summary>A number no other connection of the process has.</summary>
    public long Id { get; }

    /// <summary>The name of the listener it came by.</summary>
    public string Listener { get; }

    /// <summary>Our end.</summary>
    public IPEndPoint Local { get; }

    /// <summary>The client's end.</summary>
    public IPEndPoint Remote { get; }

    /// <summary>Who the client is: nobody in particular, as long as nobody is asked.</summary>
    public string User { get; } = Anonymous;

    /// <summary>The lane that serves the connection.</summary>
    public Lane Lane { get; }

    /// <summary>Cancelled, on the lane, when the connection is gone: what is parked for it may go.</summary>
    public CancellationToken Closed { get; }

    /// <summary>What the client called itself in its last request; null where it did not say.</summary>
    internal string? ClientId { get; set; }

    /// <summary>The client's library, as ApiVersions told (KIP-511); null before that.</summary>
    public string? SoftwareName { get; internal set; }

    /// <summary>The version of the client's library; null before ApiVersions told.</summary>
    public string? SoftwareVersion { get; internal set; }

    /// <summary>Library and version, for a line in the log; a dash before ApiVersions told.</summary>
    public string Software => SoftwareName is null ? "-" : $"{SoftwareName} {SoftwareVersion}";

    /// <summary>The quotas that bind the client, as last looked up; null before that.</summary>
    internal ClientLimits? Limits { get; set; }

    /// <summary>Where the connection keeps its fetch session; null before the first.</summary>
    internal FetchSessionPlace? FetchPlace { get; set; }
}
