using System.Buffers.Binary;
using System.Text;
using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Server;

/// <summary>A client that knows frames and nothing more.</summary>
internal sealed class RawClient(IConnection connection)
{
    public IConnection Connection => connection;

    /// <summary>A request with its length, header v1 or v2.</summary>
    public static byte[] Request<TRequest>(
        TRequest request, short version, int correlationId, string? clientId = "test")
        where TRequest : IApiMessage<TRequest>
    {
        using var frame = new OutgoingFrame();
        var writer = new WireWriter(frame);
        writer.WriteInt16((short)TRequest.ApiKey);
        writer.WriteInt16(version);
        writer.WriteInt32(correlationId);
        writer.WriteString(clientId, flexible: false);
        if (TRequest.IsFlexible(version))
            writer.WriteUVarInt(0);
        writer.Flush();
        frame.Write(request, version);
        return Framed(frame.ToArray());
    }

    /// <summary>A request that the echo handler answers.</summary>
    public static byte[] Echo(int correlationId, byte[] bytes) =>
        Request(new SaslAuthenticateRequest { AuthBytes = bytes }, 1, correlationId);

    public static byte[] Echo(int correlationId, string text = "hello") =>
        Echo(correlationId, Encoding.UTF8.GetBytes(text));

    public static byte[] Framed(byte[] bytes)
    {
        var framed = new byte[bytes.Length + 4];
        BinaryPrimitives.WriteInt32BigEndian(framed, bytes.Length);
        bytes.CopyTo(framed, 4);
        return framed;
    }

    public ValueTask SendAsync(params byte[] bytes) => connection.SendAsync([bytes]);

    public ValueTask SendAsync(IEnumerable<byte[]> frames) => SendAsync(frames.SelectMany(f => f).ToArray());

    /// <summary>The next frame without its length; null when the server has closed.</summary>
    public async Task<byte[]?> ReadAsync()
    {
        try
        {
            var length = new byte[4];
            if (!await FillAsync(length))
                return null;
            var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            return await FillAsync(frame) ? frame : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The next answer of the echo handler: its correlation id and bytes.</summary>
    public async Task<(int CorrelationId, byte[] Bytes)> ReadEchoAsync()
    {
        var frame = await ReadAsync() ?? throw new IOException("closed");
        return ParseEcho(frame);
    }

    public async Task<(int CorrelationId, string Text)> ReadTextAsync()
    {
        var (id, bytes) = await ReadEchoAsync();
        return (id, Encoding.UTF8.GetString(bytes));
    }

    private static (int CorrelationId, byte[] Bytes) ParseEcho(byte[] frame)
    {
        var reader = new WireReader(frame);
        var id = reader.ReadInt32();
        return (id, SaslAuthenticateResponse.Read(ref reader, 1).AuthBytes.ToArray());
    }

    private async Task<bool> FillAsync(byte[] into)
    {
        for (var at = 0; at < into.Length;)
        {
            var count = await connection.ReceiveAsync(into.AsMemory(at));
            if (count == 0)
                return false;
            at += count;
        }

        return true;
    }
}
