using System.Runtime.InteropServices;

namespace Barnabas.Records;

/// <summary>A context of libzstd, freed when nobody has it any more. Making one is dear, so each thread keeps
/// its own.</summary>
internal sealed class ZstdContext : SafeHandle
{
    /// <summary>The largest window a frame may ask for, 8 MiB: every writer stays below at its normal
    /// levels.</summary>
    private const int LargestWindowLog = 23;

    /// <summary>A decompressor that has grown beyond this is not kept.</summary>
    private const int LargestKept = 2 * 1024 * 1024;

    private const int ResetSessionOnly = 1;

    [ThreadStatic]
    private static ZstdContext? _compressor;

    [ThreadStatic]
    private static ZstdContext? _decompressor;

    private readonly bool _compresses;

    private ZstdContext(bool compresses) : base(0, ownsHandle: true)
    {
        _compresses = compresses;
        SetHandle(compresses ? ZstdLibrary.CreateCompressor() : ZstdLibrary.CreateDecompressor());
        if (IsInvalid)
            throw new InsufficientMemoryException("libzstd could not make a context");
        if (!compresses)
            _ = ZstdLibrary.SetDecompressorParameter(handle, ZstdLibrary.WindowLogMax, LargestWindowLog);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The library's pointer.</summary>
    public nint Pointer => handle;

    /// <summary>This thread's compressor.</summary>
    public static ZstdContext ForCompressing() => _compressor ??= new(compresses: true);

    /// <summary>This thread's decompressor, ready for a frame; give it back with
    /// <see cref="Release"/>.</summary>
    public static ZstdContext ForDecompressing()
    {
        var context = _decompressor ??= new(compresses: false);
        _ = ZstdLibrary.ResetDecompressor(context.handle, ResetSessionOnly);
        return context;
    }

    /// <summary>Gives the decompressor back; one that a frame made large is freed.</summary>
    public void Release()
    {
        if (ZstdLibrary.SizeOfDecompressor(handle) <= LargestKept)
            return;
        _decompressor = null;
        Dispose();
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _ = _compresses ? ZstdLibrary.FreeCompressor(handle) : ZstdLibrary.FreeDecompressor(handle);
        return true;
    }
}
