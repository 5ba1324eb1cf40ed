using System.Security.Cryptography;

namespace Barnabas.Base.Real;

/// <summary>The operating system's chance.</summary>
public sealed class RealRandom : RandomSource
{
    /// <inheritdoc/>
    public override void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}
