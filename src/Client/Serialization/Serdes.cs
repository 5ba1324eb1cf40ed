using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>The serializers that need no telling: text, bytes, numbers, ids; as Java's of the same types.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "They are named as what they write.")]
public static class Serdes
{
    /// <summary>Text in UTF-8.</summary>
    public static readonly Serde<string> Utf8 = new(
        static (text, to) => Encoding.UTF8.GetBytes(text, to), static bytes => Encoding.UTF8.GetString(bytes));

    /// <summary>Bytes as they are.</summary>
    public static readonly Serde<byte[]> Bytes = new(
        static (bytes, to) => to.Write(bytes), static bytes => bytes.ToArray());

    /// <summary>Bytes as they are.</summary>
    public static readonly Serde<ReadOnlyMemory<byte>> Memory = new(
        static (bytes, to) => to.Write(bytes.Span), static bytes => bytes.ToArray());

    /// <summary>Four bytes, big-endian.</summary>
    public static readonly Serde<int> Int32 = new(
        static (value, to) =>
        {
            BinaryPrimitives.WriteInt32BigEndian(to.GetSpan(4), value);
            to.Advance(4);
        },
        static bytes => BinaryPrimitives.ReadInt32BigEndian(Exactly(bytes, 4)));

    /// <summary>Eight bytes, big-endian.</summary>
    public static readonly Serde<long> Int64 = new(
        static (value, to) =>
        {
            BinaryPrimitives.WriteInt64BigEndian(to.GetSpan(8), value);
            to.Advance(8);
        },
        static bytes => BinaryPrimitives.ReadInt64BigEndian(Exactly(bytes, 8)));

    /// <summary>Eight bytes, big-endian, IEEE 754.</summary>
    public static readonly Serde<double> Float64 = new(
        static (value, to) =>
        {
            BinaryPrimitives.WriteDoubleBigEndian(to.GetSpan(8), value);
            to.Advance(8);
        },
        static bytes => BinaryPrimitives.ReadDoubleBigEndian(Exactly(bytes, 8)));

    /// <summary>An id as its text with dashes.</summary>
    public static readonly Serde<Guid> Guid = new(
        static (value, to) =>
        {
            value.TryFormat(to.GetSpan(36), out var written);
            to.Advance(written);
        },
        static bytes => System.Guid.TryParse(Encoding.UTF8.GetString(bytes), out var id)
            ? id
            : throw new KafkaException(ErrorCode.InvalidRecord, "the bytes are no id"));

    /// <summary>The serde of a type that needs no telling.</summary>
    /// <exception cref="KafkaException">The type is none of these: name a serializer in the call.</exception>
    internal static Serde<T> For<T>() =>
        TryFor<T>(out var serde) ? serde : throw new KafkaException(
            ErrorCode.InvalidConfig, $"no serializer is built in for {typeof(T)}: pass one");

    private static bool TryFor<T>([NotNullWhen(true)] out Serde<T>? serde)
    {
        object? known = typeof(T) == typeof(string) ? Utf8
            : typeof(T) == typeof(byte[]) ? Bytes
            : typeof(T) == typeof(ReadOnlyMemory<byte>) ? Memory
            : typeof(T) == typeof(int) ? Int32
            : typeof(T) == typeof(long) ? Int64
            : typeof(T) == typeof(double) ? Float64
            : typeof(T) == typeof(Guid) ? Guid
            : null;
        serde = known as Serde<T>;
        return serde is not null;
    }

    private static ReadOnlySpan<byte> Exactly(ReadOnlySpan<byte> bytes, int size) =>
        bytes.Length == size ? bytes : throw new KafkaException(
            ErrorCode.InvalidRecord, $"{bytes.Length} bytes where a number has {size}");
}

/// <summary>A serializer and its reverse.</summary>
/// <typeparam name="T">The values.</typeparam>
/// <param name="write">Appends a value's bytes.</param>
/// <param name="read">The value of bytes.</param>
public sealed class Serde<T>(Action<T, IBufferWriter<byte>> write, ReadValue<T> read)
    : ISerializer<T>, IDeserializer<T>
{
    /// <inheritdoc/>
    public void Serialize(T value, IBufferWriter<byte> to, in SerdeContext context) => write(value, to);

    /// <inheritdoc/>
    public T Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context) => read(bytes);
}

/// <summary>The value of bytes, which are valid during the call only.</summary>
public delegate T ReadValue<out T>(ReadOnlySpan<byte> bytes);
