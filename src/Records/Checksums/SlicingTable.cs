using System.Buffers.Binary;

namespace Barnabas.Records;

/// <summary>Tables for a reflected 32-bit CRC of any polynomial, eight bytes a step, on any
/// processor.</summary>
internal sealed class SlicingTable
{
    private const int Slices = 8;
    private readonly uint[] _table = new uint[Slices * 256];

    /// <summary>Computes the tables of <paramref name="reflectedPolynomial"/>.</summary>
    public SlicingTable(uint reflectedPolynomial)
    {
        for (var i = 0; i < 256; i++)
        {
            var crc = (uint)i;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) != 0 ? reflectedPolynomial : 0);
            _table[i] = crc;
        }
        for (var i = 256; i < _table.Length; i++)
            _table[i] = (_table[i - 256] >> 8) ^ _table[_table[i - 256] & 0xFF];
    }

    /// <summary>Carries the raw register (neither inverted before nor after) over
    /// <paramref name="bytes"/>.</summary>
    public uint Update(uint register, ReadOnlySpan<byte> bytes)
    {
        var table = _table.AsSpan();
        while (bytes.Length >= 8)
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ register;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            register = table[(7 * 256) + (int)(low & 0xFF)]
                ^ table[(6 * 256) + (int)((low >> 8) & 0xFF)]
                ^ table[(5 * 256) + (int)((low >> 16) & 0xFF)]
                ^ table[(4 * 256) + (int)(low >> 24)]
                ^ table[(3 * 256) + (int)(high & 0xFF)]
                ^ table[(2 * 256) + (int)((high >> 8) & 0xFF)]
                ^ table[256 + (int)((high >> 16) & 0xFF)]
                ^ table[(int)(high >> 24)];
            bytes = bytes[8..];
        }
        foreach (var b in bytes)
            register = (register >> 8) ^ table[(int)((register ^ b) & 0xFF)];
        return register;
    }
}
