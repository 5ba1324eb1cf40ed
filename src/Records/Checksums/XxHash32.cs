using System.Buffers.Binary;
using System.Numerics;

namespace Barnabas.Records;

/// <summary>xxHash32 with seed 0, the checksum of LZ4 frames; fed piece by piece.</summary>
internal struct XxHash32
{
    private const uint Prime1 = 2654435761;
    private const uint Prime2 = 2246822519;
    private const uint Prime3 = 3266489917;
    private const uint Prime4 = 668265263;
    private const uint Prime5 = 374761393;
    private const int Stripe = 16;

    private uint _a = unchecked(Prime1 + Prime2);
    private uint _b = Prime2;
    private uint _c;
    private uint _d = unchecked(0 - Prime1);
    private uint _length;
    private Pending _pending;

    /// <summary>The hash of nothing, so far.</summary>
    public XxHash32()
    {
    }

    /// <summary>The hash of <paramref name="bytes"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        var hash = new XxHash32();
        hash.Append(bytes);
        return hash.Value;
    }

    /// <summary>The hash of all that was appended.</summary>
    public readonly uint Value
    {
        get
        {
            var hash = _length < Stripe
                ? Prime5
                : BitOperations.RotateLeft(_a, 1) + BitOperations.RotateLeft(_b, 7)
                    + BitOperations.RotateLeft(_c, 12) + BitOperations.RotateLeft(_d, 18);
            hash += _length;
            ReadOnlySpan<byte> rest = _pending;
            rest = rest[..(int)(_length % Stripe)];
            for (; rest.Length >= 4; rest = rest[4..])
            {
                var word = BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime3;
                hash = BitOperations.RotateLeft(hash + word, 17) * Prime4;
            }
            foreach (var b in rest)
                hash = BitOperations.RotateLeft(hash + (b * Prime5), 11) * Prime1;
            hash = (hash ^ (hash >> 15)) * Prime2;
            hash = (hash ^ (hash >> 13)) * Prime3;
            return hash ^ (hash >> 16);
        }
    }

    /// <summary>Adds <paramref name="bytes"/>.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Span<byte> pending = _pending;
        var held = (int)(_length % Stripe);
        _length += (uint)bytes.Length;
        if (held + bytes.Length < Stripe)
        {
            bytes.CopyTo(pending[held..]);
            return;
        }
        if (held > 0)
        {
            bytes[..(Stripe - held)].CopyTo(pending[held..]);
            bytes = bytes[(Stripe - held)..];
            Round(pending);
        }
        for (; bytes.Length >= Stripe; bytes = bytes[Stripe..])
            Round(bytes);
        bytes.CopyTo(pending);
    }

    private void Round(ReadOnlySpan<byte> stripe)
    {
        _a = Mix(_a, BinaryPrimitives.ReadUInt32LittleEndian(stripe));
        _b = Mix(_b, BinaryPrimitives.ReadUInt32LittleEndian(stripe[4..]));
        _c = Mix(_c, BinaryPrimitives.ReadUInt32LittleEndian(stripe[8..]));
        _d = Mix(_d, BinaryPrimitives.ReadUInt32LittleEndian(stripe[12..]));
    }

    private static uint Mix(uint lane, uint word) =>
        BitOperations.RotateLeft(lane + (word * Prime2), 13) * Prime1;

    [System.Runtime.CompilerServices.InlineArray(Stripe)]
    private struct Pending
    {
        private byte _first;
    }
}
