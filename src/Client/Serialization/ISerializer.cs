using System.Buffers;

namespace Barnabas.Client;

/// <summary>Turns values into bytes. Used from several threads at once.</summary>
/// <typeparam name="T">The values; null never comes here: it is a null key or a tombstone.</typeparam>
public interface ISerializer<in T>
{
    /// <summary>Appends the bytes of <paramref name="value"/> to <paramref name="to"/>.</summary>
    void Serialize(T value, IBufferWriter<byte> to, in SerdeContext context);
}

/// <summary>Turns bytes into values. Used from several threads at once.</summary>
/// <typeparam name="T">The values; for a null key or a tombstone the type's default stands.</typeparam>
public interface IDeserializer<out T>
{
    /// <summary>The value of <paramref name="bytes"/>, which are valid during the call only.</summary>
    T Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context);
}

/// <summary>Where the bytes go or come from.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="IsKey">True for keys, false for values.</param>
public readonly record struct SerdeContext(string Topic, bool IsKey);
