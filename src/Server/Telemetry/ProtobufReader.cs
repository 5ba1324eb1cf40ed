using System.Buffers.Binary;

namespace Barnabas.Server.Telemetry;

/// <summary>Reads the fields of a protobuf message, one after the other. Bytes that are no message end it and are
/// remembered, so that nothing need be thrown.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private const int LongestVarint = 10;
    private ReadOnlySpan<byte> _left = message;

    /// <summary>The number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Its value where that is a number: a varint, or the bits of a fixed one.</summary>
    public ulong Number { get; private set; }

    /// <summary>Its value where that has a length: text, bytes or a message; else empty.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>True once bytes came that are no field.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Its value as a floating-point number.</summary>
    public readonly double Fraction => BitConverter.UInt64BitsToDouble(Number);

    /// <summary>Reads the next field; false at the end, or where the bytes are none.</summary>
    public bool Next()
    {
        Number = 0;
        Bytes = default;
        if (_left.IsEmpty || !TryVarint(out var tag))
            return false;
        Field = (int)Math.Min(tag >> 3, int.MaxValue);
        switch (tag & 7)
        {
            case 0:
                return TryVarint(out var number) && Found(number);
            case 1:
                return TryTake(sizeof(ulong), out var eight) && Found(BinaryPrimitives.ReadUInt64LittleEndian(eight));
            case 2:
                return TryVarint(out var length) && TryTake(length, out var bytes) && Found(bytes);
            case 5:
                return TryTake(sizeof(uint), out var four) && Found(BinaryPrimitives.ReadUInt32LittleEndian(four));
            default:
                return Broken();
        }
    }

    private bool Found(ulong number)
    {
        Number = number;
        return true;
    }

    private bool Found(ReadOnlySpan<byte> bytes)
    {
        Bytes = bytes;
        return true;
    }

    private bool Broken()
    {
        IsBroken = true;
        return false;
    }

    private bool TryTake(ulong count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (count > (ulong)_left.Length)
            return Broken();
        bytes = _left[..(int)count];
        _left = _left[(int)count..];
        return true;
    }

    private bool TryVarint(out ulong value)
    {
        value = 0;
        for (var i = 0; i < Math.Min(LongestVarint, _left.Length); i++)
        {
            value |= (ulong)(_left[i] & 0x7f) << (7 * i);
            if (_left[i] >= 0x80)
                continue;
            _left = _left[(i + 1)..];
            return true;
        }

        return Broken();
    }
}
