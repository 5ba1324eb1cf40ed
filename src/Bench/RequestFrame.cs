using System.Buffers.Binary;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Bench;

/// <summary>Requests as whole frames, and answers out of them.</summary>
public static class RequestFrame
{
    /// <summary>Where the correlation id stands in a request's frame.</summary>
    public const int CorrelationIdAt = 8;

    private const string ClientId = "barnabas-bench";

    /// <summary>A request behind its length and header.</summary>
    public static byte[] Encode<TRequest>(TRequest request, short version, int correlationId)
        where TRequest : IApiMessage<TRequest>
    {
        var header = new RequestHeader
        {
            RequestApiKey = (short)TRequest.ApiKey,
            RequestApiVersion = version,
            CorrelationId = correlationId,
            ClientId = ClientId,
        };
        using var frame = new OutgoingFrame();
        frame.Write(header, TRequest.IsFlexible(version) ? (short)2 : (short)1);
        frame.Write(request, version);
        return Framed(frame);
    }

    /// <summary>An answer behind its length and header, as a broker would send it.</summary>
    public static byte[] EncodeAnswer<TResponse>(TResponse response, short version, int correlationId)
        where TResponse : IApiMessage<TResponse>
    {
        using var frame = new OutgoingFrame();
        frame.Write(
            new ResponseHeader { CorrelationId = correlationId }, TResponse.IsFlexible(version) ? (short)1 : (short)0);
        frame.Write(response, version);
        return Framed(frame);
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="frame">The frame behind its length.</param>
    /// <param name="version">The version that was asked in.</param>
    /// <param name="flexibleHeader">Whether tags follow the correlation id; ApiVersions never has them.</param>
    /// <exception cref="MalformedFrameException">It is none.</exception>
    public static TResponse Decode<TResponse>(ReadOnlyMemory<byte> frame, short version, bool flexibleHeader)
        where TResponse : IApiMessage<TResponse>
    {
        var reader = new WireReader(frame);
        _ = ResponseHeader.Read(ref reader, flexibleHeader ? (short)1 : (short)0);
        return TResponse.Read(ref reader, version);
    }

    /// <summary>The first place at which two encodings of equal length differ.</summary>
    internal static int PlaceOfDifference(byte[] one, byte[] other) => one.AsSpan().CommonPrefixLength(other);

    private static byte[] Framed(OutgoingFrame frame)
    {
        var bytes = frame.ToArray();
        var framed = GC.AllocateUninitializedArray<byte>(bytes.Length + 4, pinned: true);
        BinaryPrimitives.WriteInt32BigEndian(framed, bytes.Length);
        bytes.CopyTo(framed, 4);
        return framed;
    }
}
