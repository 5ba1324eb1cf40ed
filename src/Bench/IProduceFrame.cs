using Barnabas.Base;

namespace Barnabas.Bench;

/// <summary>A request with a batch, made once, of which only numbers change.</summary>
internal interface IProduceFrame
{
    /// <summary>The request, length in front, for a partition; good until the next call.</summary>
    ReadOnlySpan<byte> For(int correlationId, int partition);

    /// <summary>What an answer says, which stands behind its length.</summary>
    /// <exception cref="Wire.MalformedFrameException">It is no answer to that request.</exception>
    ErrorCode Read(ReadOnlySpan<byte> answer, int correlationId);
}
