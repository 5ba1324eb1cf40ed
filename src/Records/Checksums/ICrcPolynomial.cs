namespace Barnabas.Records;

/// <summary>A reflected 32-bit CRC: its polynomial, and a way that takes any number of bytes.</summary>
internal interface ICrcPolynomial
{
    /// <summary>The polynomial, reflected, without its highest term.</summary>
    static abstract uint Reflected { get; }

    /// <summary>The raw register (neither inverted before nor after) carried over
    /// <paramref name="bytes"/>.</summary>
    static abstract uint Update(uint register, ReadOnlySpan<byte> bytes);
}

/// <summary>The polynomial of CRC-32C; short pieces go through the processor's instruction.</summary>
internal readonly struct Castagnoli : ICrcPolynomial
{
    /// <inheritdoc/>
    public static uint Reflected => 0x82F63B78;

    /// <inheritdoc/>
    public static uint Update(uint register, ReadOnlySpan<byte> bytes) => Crc32C.Instruction(register, bytes);
}

/// <summary>The polynomial of IEEE 802.3; short pieces go through tables.</summary>
internal readonly struct Ieee : ICrcPolynomial
{
    /// <inheritdoc/>
    public static uint Reflected => 0xEDB88320;

    /// <inheritdoc/>
    public static uint Update(uint register, ReadOnlySpan<byte> bytes) => Crc32.Software(register, bytes);
}
