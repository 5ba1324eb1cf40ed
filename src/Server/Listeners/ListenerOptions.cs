using System.Net;
using Barnabas.Base;

namespace Barnabas.Server;

/// <summary>An address at which clients are served.</summary>
/// <param name="Name">The listener's name, as in <c>listeners</c>: PLAINTEXT, EXTERNAL, ...</param>
/// <param name="EndPoint">Where it listens; port 0 takes a free one.</param>
public sealed record ListenerOptions(string Name, IPEndPoint EndPoint)
{
    /// <summary>What its clients may make their connections cost.</summary>
    public ConnectionLimits Limits { get; init; } = new();

    /// <summary>How its sockets are set up.</summary>
    public ListenSettings Sockets { get; init; } = ListenSettings.Default;
}
