using System.Buffers.Binary;
using System.Text;
using Barnabas.Base;

namespace Barnabas.Wire;

/// <summary>Writes Kafka's wire primitives into a frame, or with <see cref="Counter"/> only counts them.</summary>
/// <remarks>After the last write to a frame comes <see cref="Flush"/>; <see cref="OutgoingFrame.Write"/> sees to
/// it.</remarks>
public ref struct WireWriter
{
    private readonly OutgoingFrame? _frame;
    private Span<byte> _free;
    private int _used;
    private int _flushed;

    /// <summary>A writer that appends to <paramref name="frame"/>.</summary>
    public WireWriter(OutgoingFrame frame) => _frame = frame;

    /// <summary>Bytes written or counted so far.</summary>
    public readonly int Count => _flushed + _used;

    /// <summary>A writer that keeps nothing: the pass that sizes a tagged field or a message.</summary>
    public static WireWriter Counter() => default;

    /// <summary>Hands what is written to the frame.</summary>
    public void Flush()
    {
        _frame?.Advance(_used);
        _flushed = checked(_flushed + _used);
        _used = 0;
        _free = default;
    }

    /// <summary>One byte, 1 or 0.</summary>
    public void WriteBool(bool value) => WriteInt8(value ? (sbyte)1 : (sbyte)0);

    /// <summary>A signed byte.</summary>
    public void WriteInt8(sbyte value)
    {
        if (Room(1, out var to))
            to[0] = (byte)value;
    }

    /// <summary>Two bytes, big-endian.</summary>
    public void WriteInt16(short value)
    {
        if (Room(2, out var to))
            BinaryPrimitives.WriteInt16BigEndian(to, value);
    }

    /// <summary>Two bytes, big-endian.</summary>
    public void WriteUInt16(ushort value)
    {
        if (Room(2, out var to))
            BinaryPrimitives.WriteUInt16BigEndian(to, value);
    }

    /// <summary>Four bytes, big-endian.</summary>
    public void WriteInt32(int value)
    {
        if (Room(4, out var to))
            BinaryPrimitives.WriteInt32BigEndian(to, value);
    }

    /// <summary>Four bytes, big-endian.</summary>
    public void WriteUInt32(uint value)
    {
        if (Room(4, out var to))
            BinaryPrimitives.WriteUInt32BigEndian(to, value);
    }

    /// <summary>Eight bytes, big-endian.</summary>
    public void WriteInt64(long value)
    {
        if (Room(8, out var to))
            BinaryPrimitives.WriteInt64BigEndian(to, value);
    }

    /// <summary>Eight bytes, big-endian, IEEE 754.</summary>
    public void WriteFloat64(double value)
    {
        if (Room(8, out var to))
            BinaryPrimitives.WriteDoubleBigEndian(to, value);
    }

    /// <summary>Sixteen bytes.</summary>
    public void WriteUuid(Uuid value)
    {
        if (Room(16, out var to))
            value.WriteTo(to);
    }

    /// <summary>An unsigned varint, low group first.</summary>
    public void WriteUVarInt(int value)
    {
        var rest = (uint)value;
        var size = 1;
        for (var more = rest >> 7; more != 0; more >>= 7)
            size++;
        if (!Room(size, out var to))
            return;
        for (var i = 0; i < size - 1; i++, rest >>= 7)
            to[i] = (byte)(rest | 0x80);
        to[size - 1] = (byte)rest;
    }

    /// <summary>The number of elements to follow; -1 for a null array.</summary>
    public void WriteArrayCount(int count, bool flexible)
    {
        if (flexible)
            WriteUVarInt(count + 1);
        else
            WriteInt32(count);
    }

    /// <summary>A string or null, UTF-8, at most 32767 bytes.</summary>
    /// <exception cref="UnrepresentableFieldException">It is longer.</exception>
    public void WriteString(string? value, bool flexible)
    {
        var length = value is null ? -1 : Encoding.UTF8.GetByteCount(value);
        if (length > short.MaxValue)
            throw new UnrepresentableFieldException($"a string of {length} bytes");
        if (flexible)
            WriteUVarInt(length + 1);
        else
            WriteInt16((short)length);
        if (length > 0 && Room(length, out var to))
            Encoding.UTF8.GetBytes(value, to);
    }

    /// <summary>Bytes or null.</summary>
    public void WriteBytes(ReadOnlyMemory<byte>? value, bool flexible)
    {
        WriteLength(value?.Length ?? -1, flexible);
        if (value is { } bytes)
            WriteRaw(bytes.Span);
    }

    /// <summary>Record batches or null; stretches of files go into the frame as they are.</summary>
    public void WriteRecords(RecordBytes? value, bool flexible)
    {
        WriteLength(value?.Length ?? -1, flexible);
        if (value is not { } records)
            return;
        if (records.Slices is null)
        {
            WriteRaw(records.Memory);
            return;
        }

        if (_frame is not null)
        {
            Flush();
            foreach (var slice in records.Slices)
                _frame.Append(slice);
        }

        _flushed = checked(_flushed + records.Length);
    }

    /// <summary>Bytes as they are.</summary>
    public void WriteRaw(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 0 && Room(bytes.Length, out var to))
            bytes.CopyTo(to);
    }

    private void WriteRaw(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < OutgoingFrame.CopyLimit || _frame is null)
        {
            WriteRaw(bytes.Span);
            return;
        }

        Flush();
        _frame.Append(bytes);
        _flushed = checked(_flushed + bytes.Length);
    }

    private void WriteLength(int length, bool flexible)
    {
        if (flexible)
            WriteUVarInt(checked(length + 1));
        else
            WriteInt32(length);
    }

    /// <summary>Makes room for <paramref name="size"/> bytes; false when they are only counted.</summary>
    private bool Room(int size, out Span<byte> to)
    {
        if (_frame is null)
        {
            _flushed = checked(_flushed + size);
            to = default;
            return false;
        }

        if (_free.Length - _used < size)
        {
            Flush();
            _free = _frame.GetSpan(size);
        }

        to = _free.Slice(_used, size);
        _used += size;
        return true;
    }
}
