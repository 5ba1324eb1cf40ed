using System.Runtime.CompilerServices;

namespace Barnabas.Records;

/// <summary>Compresses LZ4 blocks better and slower: every position is chained to earlier ones with the same
/// hash, the longest match of many is taken, and one a byte later is preferred if it is longer.</summary>
internal static unsafe class Lz4Thorough
{
    private const int HashBits = 15;
    private const int LargestInput = 64 * 1024;
    private const int None = -1;

    [ThreadStatic]
    private static int[]? _heads;

    [ThreadStatic]
    private static int[]? _earlier;

    /// <summary>Compresses <paramref name="block"/>, 64 KiB at most.</summary>
    /// <param name="block">The bytes.</param>
    /// <param name="output">Has room for the largest result.</param>
    /// <param name="level">1 to 17; each step tries twice as many earlier places, up to 4096.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Compress(ReadOnlySpan<byte> block, Span<byte> output, int level)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(block.Length, LargestInput);
        ArgumentOutOfRangeException.ThrowIfLessThan(output.Length, Lz4Block.LargestCompressed(block.Length));
        var attempts = 1 << Math.Clamp(level, 1, 12);
        var heads = _heads ??= new int[1 << HashBits];
        heads.AsSpan().Fill(None);
        fixed (byte* start = block, target = output)
        fixed (int* head = heads, earlier = _earlier ??= new int[LargestInput])
        {
            var chains = new Chains(start, start + block.Length, head, earlier, attempts);
            byte* to = target, literals = start;
            for (var at = start; block.Length > Lz4Block.LastMatchStart && chains.MayStart(at);)
            {
                var length = chains.Longest(at, out var distance);
                if (length < Lz4Block.ShortestMatch)
                {
                    at++;
                    continue;
                }
                while (chains.MayStart(at + 1) && chains.Longest(at + 1, out var laterDistance) is var later
                    && later > length)
                {
                    at++;
                    (length, distance) = (later, laterDistance);
                }
                to = Lz4Block.WriteSequence(to, literals, (int)(at - literals), distance, length);
                at += length;
                literals = at;
            }
            return (int)(Lz4Block.WriteLast(to, literals, (int)(start + block.Length - literals)) - target);
        }
    }

    /// <summary>The positions of a block, chained by hash.</summary>
    private ref struct Chains(byte* start, byte* end, int* heads, int* earlier, int attempts)
    {
        private readonly byte* _start = start;
        private readonly byte* _last = end - Lz4Block.LastMatchStart;
        private readonly byte* _matchEnd = end - Lz4Block.LastLiterals;
        private int _inserted;

        /// <summary>True where a match may still start.</summary>
        public readonly bool MayStart(byte* at) => at <= _last;

        /// <summary>The longest match found for <paramref name="at"/>; 0 for none.</summary>
        public int Longest(byte* at, out int distance)
        {
            var position = (int)(at - _start);
            for (; _inserted < position; _inserted++)
            {
                var hash = Hash(_start + _inserted);
                earlier[_inserted] = heads[hash];
                heads[hash] = _inserted;
            }
            var best = 0;
            distance = 0;
            var candidate = heads[Hash(at)];
            for (var left = attempts; candidate != None && left > 0; left--, candidate = earlier[candidate])
            {
                var match = _start + candidate;
                if (match[best] != at[best] || *(uint*)match != *(uint*)at)
                    continue;
                var length = Matches.CountEqual(at, match, _matchEnd);
                if (length <= best)
                    continue;
                best = length;
                distance = position - candidate;
            }
            return best;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static uint Hash(byte* at) => (*(uint*)at * 2654435761) >> (32 - HashBits);
    }
}
