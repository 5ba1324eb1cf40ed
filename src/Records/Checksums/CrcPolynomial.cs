namespace Barnabas.Records;

/// <summary>Arithmetic modulo a CRC's polynomial, from which every constant of the fast ways is
/// computed.</summary>
/// <typeparam name="TPolynomial">The polynomial.</typeparam>
/// <remarks>A register is reflected: bit 31 stands for x^0, bit 0 for x^31.</remarks>
internal static class CrcPolynomial<TPolynomial> where TPolynomial : struct, ICrcPolynomial
{
    private const uint One = 0x80000000;

    /// <summary>x^(8 * 2^k) for every k: the factors that move a register on by a number of bytes.</summary>
    private static readonly uint[] ByteShifts = Powers();

    /// <summary>x^<paramref name="exponent"/>, reflected.</summary>
    public static uint PowerOfX(int exponent)
    {
        var power = One;
        for (var i = 0; i < exponent; i++)
            power = TimesX(power);
        return power;
    }

    /// <summary>The factor that folds 64 bits forward by <paramref name="bits"/>: carry-less products of
    /// reflected operands come out one place too low, hence the shift.</summary>
    public static ulong FoldingFactor(int bits) => (ulong)PowerOfX(bits) << 1;

    /// <summary>The raw register after <paramref name="zeros"/> zero bytes more.</summary>
    public static uint Shift(uint register, long zeros)
    {
        for (var k = 0; zeros != 0; k++, zeros >>= 1)
        {
            if ((zeros & 1) != 0)
                register = Multiply(ByteShifts[k], register);
        }
        return register;
    }

    private static uint Multiply(uint a, uint b)
    {
        uint product = 0;
        for (; a != 0; a <<= 1)
        {
            if ((a & One) != 0)
                product ^= b;
            b = TimesX(b);
        }
        return product;
    }

    private static uint TimesX(uint register) =>
        (register >> 1) ^ ((register & 1) != 0 ? TPolynomial.Reflected : 0);

    private static uint[] Powers()
    {
        var powers = new uint[63];
        powers[0] = PowerOfX(8);
        for (var k = 1; k < powers.Length; k++)
            powers[k] = Multiply(powers[k - 1], powers[k - 1]);
        return powers;
    }
}
