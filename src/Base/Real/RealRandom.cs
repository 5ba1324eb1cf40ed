using System.Security.Cryptography;

namespace Barnabas.Base.Real;

/// <summary>The operating system's chance.</summary>
public sealed class RealRandom : RandomSource
{
    /// <inheritdoc/>
    /// <remarks>On Linux from the kernel itself: the runtime's own way loads all of OpenSSL for it, which a node
    /// without TLS has no use for.</remarks>
    public override void Fill(Span<byte> bytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomNumberGenerator.Fill(bytes);
            return;
        }

        while (bytes.Length > 0)
        {
            var given = Libc.Random(bytes, (nuint)bytes.Length, 0);
            if (given > 0)
                bytes = bytes[(int)given..];
            else if (!Errno.IsInterrupted(given))
                throw Errno.Fault("getrandom", "the kernel");
        }
    }
}
