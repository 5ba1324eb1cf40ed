using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;

namespace Barnabas.Base.Real;

/// <summary>A connection that is encrypted, over one that is not.</summary>
/// <remarks>The runtime's stream does its work among the threads of the pool; whoever awaits is back on its
/// lane.</remarks>
internal sealed class TlsConnection : IConnection
{
    private const int RecordSize = 16 << 10;
    private readonly IConnection _plain;
    private readonly SslStream _stream;

    private TlsConnection(IConnection plain) => (_plain, _stream) = (plain, new SslStream(new ConnectionStream(plain)));

    /// <inheritdoc/>
    public IPEndPoint Local => _plain.Local;

    /// <inheritdoc/>
    public IPEndPoint Remote => _plain.Remote;

    /// <summary>Agrees with the server at the other end; with a fault the connection is closed.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    /// <exception cref="AuthenticationException">One of the two does not like the other.</exception>
    public static async ValueTask<IConnection> AsClientAsync(
        IConnection plain, SslClientAuthenticationOptions options, CancellationToken stop)
    {
        var connection = new TlsConnection(plain);
        try
        {
            // What waits for the peer has no other end.
            using var late = stop.UnsafeRegister(static plain => ((IConnection)plain!).Abort(), plain);
            await connection._stream.AuthenticateAsClientAsync(options, stop);
            return connection;
        }
        catch (Exception fault) when (fault is IOException or AuthenticationException or OperationCanceledException)
        {
            await connection.DisposeAsync();
            stop.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReceiveAsync(Memory<byte> into)
    {
        try
        {
            return await _stream.ReadAsync(into);
        }
        catch (Exception fault) when (fault is ObjectDisposedException or InvalidOperationException)
        {
            throw SocketOperation.Closed();
        }
    }

    /// <inheritdoc/>
    public async ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> buffers, bool more)
    {
        if (buffers.Count == 1)
        {
            await WriteAsync(buffers[0]);
            return;
        }

        // Small pieces share a record.
        var record = ArrayPool<byte>.Shared.Rent(RecordSize);
        try
        {
            var filled = 0;
            foreach (var buffer in buffers)
            {
                for (var rest = buffer; rest.Length > 0;)
                {
                    var part = rest[..Math.Min(rest.Length, RecordSize - filled)];
                    part.CopyTo(record.AsMemory(filled));
                    (filled, rest) = (filled + part.Length, rest[part.Length..]);
                    if (filled < RecordSize)
                        continue;
                    await WriteAsync(record.AsMemory(0, filled));
                    filled = 0;
                }
            }

            await WriteAsync(record.AsMemory(0, filled));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(record);
        }
    }

    /// <inheritdoc/>
    public async ValueTask SendFileAsync(FileSlice slice, bool more = false)
    {
        var record = ArrayPool<byte>.Shared.Rent(RecordSize);
        try
        {
            for (var done = 0; done < slice.Length;)
            {
                var part = record.AsMemory(0, Math.Min(RecordSize, slice.Length - done));
                if (slice.File.Read(slice.Position + done, part.Span) < part.Length)
                    throw new IOException($"{slice.File.Path} ends before the stretch to be sent");
                await WriteAsync(part);
                done += part.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(record);
        }
    }

    /// <inheritdoc/>
    public void Abort() => _plain.Abort();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _plain.DisposeAsync();
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        try
        {
            await _stream.WriteAsync(bytes);
        }
        catch (Exception fault) when (fault is ObjectDisposedException or InvalidOperationException)
        {
            throw SocketOperation.Closed();
        }
    }
}
