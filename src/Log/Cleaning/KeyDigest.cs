using System.Buffers.Binary;
using System.Numerics;
using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>Keys of any length as 128 bits: SipHash-2-4 with a secret that lives as long as one round of
/// cleaning.</summary>
/// <remarks>Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", with 128 bits of output. Two keys taken
/// for one would cost the older record. Who knows the digest can look for such keys, as with MD5 they are known; who
/// does not know the secret cannot.</remarks>
internal readonly struct KeyDigest
{
    private readonly ulong _key0;
    private readonly ulong _key1;

    /// <summary>A digest with this secret of 16 bytes.</summary>
    public KeyDigest(ReadOnlySpan<byte> secret)
    {
        _key0 = BinaryPrimitives.ReadUInt64LittleEndian(secret);
        _key1 = BinaryPrimitives.ReadUInt64LittleEndian(secret[8..]);
    }

    /// <summary>A digest with a secret of its own.</summary>
    public static KeyDigest New(RandomSource random)
    {
        Span<byte> secret = stackalloc byte[16];
        random.Fill(secret);
        return new(secret);
    }

    /// <summary>The digest of a key.</summary>
    public (ulong Low, ulong High) Of(ReadOnlySpan<byte> key)
    {
        var state = new State
        {
            A = _key0 ^ 0x736f6d6570736575,
            B = _key1 ^ 0x646f72616e646f6d ^ 0xee,
            C = _key0 ^ 0x6c7967656e657261,
            D = _key1 ^ 0x7465646279746573,
        };
        var rest = key;
        while (rest.Length >= 8)
        {
            state.Take(BinaryPrimitives.ReadUInt64LittleEndian(rest));
            rest = rest[8..];
        }

        var last = (ulong)key.Length << 56;
        for (var i = 0; i < rest.Length; i++)
            last |= (ulong)rest[i] << (8 * i);
        state.Take(last);
        state.C ^= 0xee;
        var low = state.Finish();
        state.B ^= 0xdd;
        return (low, state.Finish());
    }

    private struct State
    {
        public ulong A, B, C, D;

        public void Take(ulong word)
        {
            D ^= word;
            Round();
            Round();
            A ^= word;
        }

        public ulong Finish()
        {
            Round();
            Round();
            Round();
            Round();
            return A ^ B ^ C ^ D;
        }

        private void Round()
        {
            A += B;
            B = BitOperations.RotateLeft(B, 13) ^ A;
            A = BitOperations.RotateLeft(A, 32);
            C += D;
            D = BitOperations.RotateLeft(D, 16) ^ C;
            A += D;
            D = BitOperations.RotateLeft(D, 21) ^ A;
            C += B;
            B = BitOperations.RotateLeft(B, 17) ^ C;
            C = BitOperations.RotateLeft(C, 32);
        }
    }
}
