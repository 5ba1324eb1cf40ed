using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Bench;

/// <summary>A Produce request of one batch, made once: only the correlation id and the partition change from
/// one request to the next. It knows where its answer says what became of it.</summary>
internal sealed class ProduceFrame : IProduceFrame
{
    private const int Other = 0x7e_7e_7e_7e;
    private readonly byte[] _bytes;
    private readonly int _partitionAt;
    private readonly int _errorAt;

    /// <summary>Makes the request.</summary>
    /// <param name="target">A partition; the others are of the same topic.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="acks">-1, 0 or 1.</param>
    /// <param name="timeout">How long replicas may take.</param>
    /// <param name="version">The version to ask in.</param>
    public ProduceFrame(Target target, byte[] batch, short acks, TimeSpan timeout, short version)
    {
        _bytes = Encode(0);
        _partitionAt = RequestFrame.PlaceOfDifference(_bytes, Encode(Other));
        _errorAt = RequestFrame.PlaceOfDifference(Answer(ErrorCode.None), Answer((ErrorCode)0x7e7e)) - sizeof(int);
        return;

        byte[] Encode(int partition) =>
            RequestFrame.Encode(Request(target, batch, acks, timeout, partition), version, correlationId: 0);
        byte[] Answer(ErrorCode code) => RequestFrame.EncodeAnswer(Response(target, code), version, 0);
    }

    /// <summary>The newest version that can be had for a topic: later ones go by id.</summary>
    public static short VersionFor(Line line, Target target) =>
        line.Choose<ProduceRequest>(target.TopicId == TopicId.None ? (short)12 : null);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> For(int correlationId, int partition)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(RequestFrame.CorrelationIdAt), correlationId);
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(_partitionAt), partition);
        return _bytes;
    }

    /// <inheritdoc/>
    public ErrorCode Read(ReadOnlySpan<byte> answer, int correlationId)
    {
        if (answer.Length < _errorAt + sizeof(short) || BinaryPrimitives.ReadInt32BigEndian(answer) != correlationId)
            throw new MalformedFrameException("an answer to another request");
        return (ErrorCode)BinaryPrimitives.ReadInt16BigEndian(answer[_errorAt..]);
    }

    private static ProduceRequest Request(
        Target target, byte[] batch, short acks, TimeSpan timeout, int partition) => new()
        {
            Acks = acks,
            TimeoutMs = (int)timeout.TotalMilliseconds,
            TopicData =
        [
            new()
            {
                Name = target.Topic,
                TopicId = target.TopicId,
                PartitionData = [new() { Index = partition, Records = new RecordBytes(batch) }],
            },
        ],
        };

    private static ProduceResponse Response(Target target, ErrorCode code) => new()
    {
        Responses =
        [
            new()
            {
                Name = target.Topic,
                TopicId = target.TopicId,
                PartitionResponses = [new() { ErrorCode = code }],
            },
        ],
    };
}
