using System.Net;

namespace Barnabas.Base;

/// <summary>The network seam: listening and dialling.</summary>
public interface INetwork
{
    /// <summary>Listens at <paramref name="at"/> until the listener is disposed; port 0 takes a free
    /// one.</summary>
    /// <param name="at">The address.</param>
    /// <param name="settings">How sockets are set up; null for <see cref="ListenSettings.Default"/>.</param>
    /// <exception cref="IOException">The address cannot be had.</exception>
    IListener Listen(IPEndPoint at, ListenSettings? settings = null);

    /// <summary>The addresses of a host, best first.</summary>
    /// <param name="host">A name, or an address as text.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="IOException">The name is unknown.</exception>
    ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken stop);

    /// <summary>Opens a connection.</summary>
    /// <exception cref="IOException">Nobody answers, or the name is unknown.</exception>
    ValueTask<IConnection> DialAsync(string host, int port, CancellationToken stop);

    /// <summary>Goes on encrypted (TLS) over a connection that was dialled and not used yet. It is the new one's from
    /// now on, and closed where this fails.</summary>
    /// <param name="dialled">The connection.</param>
    /// <param name="settings">Who we are, and whom we believe.</param>
    /// <param name="name">The host that was dialled, as its certificate names it.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="IOException">The connection is lost, or one of the two does not like the other.</exception>
    ValueTask<IConnection> EncryptAsync(
        IConnection dialled, TlsSettings settings, string name, CancellationToken stop);
}

/// <summary>A bound address.</summary>
public interface IListener : IAsyncDisposable
{
    /// <summary>Where it listens, the port resolved.</summary>
    IPEndPoint Local { get; }

    /// <summary>The next connection, or null once the listener is disposed.</summary>
    ValueTask<IConnection?> AcceptAsync();
}

/// <summary>A stream of bytes both ways. One receive and one send may run at a time, side by side.</summary>
/// <remarks>A peer that goes away, or <see cref="Abort"/>, makes what is under way fail with
/// <see cref="IOException"/>.</remarks>
public interface IConnection : IAsyncDisposable
{
    /// <summary>This end.</summary>
    IPEndPoint Local { get; }

    /// <summary>The other end.</summary>
    IPEndPoint Remote { get; }

    /// <summary>Receives some bytes; 0 when the peer has finished. An empty buffer waits until there is
    /// something to receive, so that an idle connection holds no memory, and then returns 0 too.</summary>
    ValueTask<int> ReceiveAsync(Memory<byte> into);

    /// <summary>Sends all the buffers in order.</summary>
    /// <param name="buffers">What to send; the memory is the connection's until the task has ended.</param>
    /// <param name="more">True when another send follows at once, so that a short packet may wait for
    /// it.</param>
    ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> buffers, bool more = false);

    /// <summary>Sends a stretch of a file, without copying where the machine can.</summary>
    /// <param name="slice">The stretch.</param>
    /// <param name="more">True when another send follows at once, so that a short packet may wait for
    /// it.</param>
    ValueTask SendFileAsync(FileSlice slice, bool more = false);

    /// <summary>Ends the connection at once, from any lane.</summary>
    void Abort();
}
