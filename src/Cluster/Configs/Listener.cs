using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Barnabas.Cluster.Configs;

/// <summary>A named address: one to listen at, or one told to clients.</summary>
/// <param name="Name">Its name, in upper case, such as <c>PLAINTEXT</c>.</param>
/// <param name="Protocol">How connections to it are secured.</param>
/// <param name="Host">Host name or address without brackets; empty means every interface.</param>
/// <param name="Port">0 means any free port, and in an advertised listener the port that was got.</param>
public sealed record Listener(string Name, SecurityProtocol Protocol, string Host, int Port)
{
    /// <summary>Where to bind, where no name service has to be asked: an address, no host, or
    /// <c>localhost</c>.</summary>
    /// <param name="at">The address; for no host that of every interface, IPv6 and IPv4.</param>
    public bool TryGetAddress([NotNullWhen(true)] out IPEndPoint? at)
    {
        var address = Host switch
        {
            "" => IPAddress.IPv6Any,
            "localhost" => IPAddress.Loopback,
            _ => IPAddress.TryParse(Host, out var literal) ? literal : null,
        };
        at = address is null ? null : new IPEndPoint(address, Port);
        return at is not null;
    }

    /// <summary>The listener as it stands in a file: <c>NAME://host:port</c>.</summary>
    public override string ToString() =>
        Host.Contains(':') ? $"{Name}://[{Host}]:{Port}" : $"{Name}://{Host}:{Port}";
}
