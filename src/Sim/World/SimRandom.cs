using System.Buffers.Binary;
using Barnabas.Base;

namespace Barnabas.Sim;

/// <summary>Chance that follows from a seed (SplitMix64).</summary>
/// <param name="seed">The seed.</param>
public sealed class SimRandom(ulong seed) : RandomSource
{
    private ulong _state = seed;

    /// <inheritdoc/>
    public override void Fill(Span<byte> bytes)
    {
        Span<byte> word = stackalloc byte[8];
        while (bytes.Length > 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, NextWord());
            var count = Math.Min(word.Length, bytes.Length);
            word[..count].CopyTo(bytes);
            bytes = bytes[count..];
        }
    }

    private ulong NextWord()
    {
        _state += 0x9e3779b97f4a7c15;
        var word = _state;
        word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
        word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
        return word ^ (word >> 31);
    }
}
