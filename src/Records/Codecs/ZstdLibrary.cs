using System.Reflection;
using System.Runtime.InteropServices;

namespace Barnabas.Records;

/// <summary>The system's libzstd. It is looked for once, under the names systems give it; nothing else is
/// native here.</summary>
internal static unsafe partial class ZstdLibrary
{
    /// <summary>The parameter that bounds a frame's window, as a power of two.</summary>
    public const int WindowLogMax = 100;

    /// <summary>The error of a frame whose window is larger than that.</summary>
    public const int WindowTooLarge = 16;

    private const string Library = "zstd";

    private static readonly nint Handle = Load(
        ["libzstd.so.1", "libzstd.so", "libzstd.1.dylib", "libzstd.dylib", "libzstd.dll", "zstd.dll"]);

    /// <summary>True when the library was found.</summary>
    public static bool IsPresent => Handle != 0;

    /// <summary>The first library of <paramref name="names"/> that loads; 0 for none.</summary>
    internal static nint Load(ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, typeof(ZstdLibrary).Assembly, null, out var handle))
            {
                NativeLibrary.SetDllImportResolver(typeof(ZstdLibrary).Assembly, Resolve);
                return handle;
            }
        }
        return 0;
    }

    /// <summary>A compression context; 0 when memory is short.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    public static partial nint CreateCompressor();

    /// <summary>Frees a compression context.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    public static partial nuint FreeCompressor(nint context);

    /// <summary>Compresses in one go; an error or the size.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_compressCCtx")]
    public static partial nuint Compress(
        nint context, byte* output, nuint capacity, byte* input, nuint length, int level);

    /// <summary>The most bytes that <paramref name="length"/> bytes become.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_compressBound")]
    public static partial nuint LargestCompressed(nuint length);

    /// <summary>A decompression context; 0 when memory is short.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    public static partial nint CreateDecompressor();

    /// <summary>Frees a decompression context.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    public static partial nuint FreeDecompressor(nint context);

    /// <summary>Makes a context ready for another frame: directive 1 keeps its parameters.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_DCtx_reset")]
    public static partial nuint ResetDecompressor(nint context, int directive);

    /// <summary>Sets a parameter of a decompression context.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_DCtx_setParameter")]
    public static partial nuint SetDecompressorParameter(nint context, int parameter, int value);

    /// <summary>The memory a decompression context holds.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_sizeof_DCtx")]
    public static partial nuint SizeOfDecompressor(nint context);

    /// <summary>Decompresses on; an error, 0 at the end of a frame, else more is to come.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_decompressStream")]
    public static partial nuint Decompress(nint context, ref Stretch output, ref Stretch input);

    /// <summary>Non-zero where a result is an error.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    public static partial uint IsError(nuint result);

    /// <summary>Which error a result is; 0 for none.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorCode")]
    public static partial int ErrorOf(nuint result);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == Library ? Handle : 0;

    /// <summary>A buffer and how far it is used, in the library's layout.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Stretch
    {
        /// <summary>The buffer.</summary>
        public byte* Start;

        /// <summary>Its size.</summary>
        public nuint Size;

        /// <summary>How much of it has been read or written.</summary>
        public nuint Position;
    }
}
