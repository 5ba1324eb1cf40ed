using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Bench;

/// <summary>A request to the bare server of <c>bench/Limits</c>: a length, a kind, a correlation id and a
/// body.</summary>
internal sealed class BareFrame : IProduceFrame
{
    private const int CorrelationIdAt = 5;
    private const int HeadSize = 9;
    private readonly byte[] _bytes;

    /// <summary>Makes the request.</summary>
    /// <param name="isAppended">Whether the body is a batch to be appended; otherwise it is thrown
    /// away.</param>
    /// <param name="body">The body.</param>
    public BareFrame(bool isAppended, ReadOnlySpan<byte> body)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(HeadSize + body.Length, pinned: true);
        BinaryPrimitives.WriteInt32BigEndian(_bytes, _bytes.Length - sizeof(int));
        _bytes[4] = isAppended ? (byte)1 : (byte)0;
        body.CopyTo(_bytes.AsSpan(HeadSize));
    }

    /// <summary>A request to delete what is in the log.</summary>
    public static byte[] BeginAnew()
    {
        var bytes = new byte[HeadSize];
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length - sizeof(int));
        bytes[4] = 3;
        return bytes;
    }

    /// <summary>A request for bytes of the log.</summary>
    public static byte[] Fetch(int correlationId, long position, int most)
    {
        var bytes = new byte[HeadSize + 12];
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length - sizeof(int));
        bytes[4] = 2;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(CorrelationIdAt), correlationId);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(HeadSize), position);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(HeadSize + 8), most);
        return bytes;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> For(int correlationId, int partition)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(CorrelationIdAt), correlationId);
        return _bytes;
    }

    /// <inheritdoc/>
    public ErrorCode Read(ReadOnlySpan<byte> answer, int correlationId)
    {
        if (answer.Length != 12 || BinaryPrimitives.ReadInt32BigEndian(answer) != correlationId)
            throw new MalformedFrameException("an answer to another request");
        return BinaryPrimitives.ReadInt64BigEndian(answer[4..]) < 0 ? ErrorCode.CorruptMessage : ErrorCode.None;
    }
}
