using System.Buffers.Binary;
using System.Buffers.Text;

namespace Barnabas.Base;

/// <summary>A 128-bit id in Kafka's form: 16 bytes, most significant first; as text URL-safe base64 of 22
/// characters.</summary>
/// <param name="High">The first eight bytes, big-endian.</param>
/// <param name="Low">The last eight bytes, big-endian.</param>
public readonly record struct Uuid(ulong High, ulong Low) : IComparable<Uuid>
{
    private const int Size = 16;

    /// <summary>The id of nothing; also "some directory of that broker" (MIGRATING) where a directory is
    /// meant.</summary>
    public static readonly Uuid Zero;

    /// <summary>A directory not yet chosen (KIP-858).</summary>
    public static readonly Uuid UnassignedDirectory = new(0, 1);

    /// <summary>A directory that is gone or offline (KIP-858).</summary>
    public static readonly Uuid LostDirectory = new(0, 2);

    /// <summary>True for the ids 0 to 99, which never name anything made at random.</summary>
    public bool IsReserved => High == 0 && Low < 100;

    /// <summary>Reads the id from 16 bytes.</summary>
    public static Uuid FromBytes(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    /// <summary>Reads the text form; false where <paramref name="text"/> is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Uuid uuid)
    {
        Span<byte> bytes = stackalloc byte[Size];
        uuid = default;
        if (text.Length != 22 || !Base64Url.IsValid(text, out var length) || length != Size)
            return false;
        Base64Url.DecodeFromChars(text, bytes);
        uuid = FromBytes(bytes);
        return true;
    }

    /// <summary>Writes the id as 16 bytes.</summary>
    public void WriteTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
    }

    /// <inheritdoc/>
    public int CompareTo(Uuid other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <summary>The 22 characters of Kafka's text form.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        WriteTo(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
