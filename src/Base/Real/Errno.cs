using System.Runtime.InteropServices;

namespace Barnabas.Base.Real;

/// <summary>What a failed system call said, and the exception it becomes.</summary>
internal static class Errno
{
    internal const int NoEntry = 2;
    internal const int Interrupted = 4;
    internal const int Again = 11;
    internal const int NoDirectory = 20;
    internal const int Invalid = 22;
    internal const int NoSpace = 28;
    internal const int NoSuchCall = 38;
    internal const int NotSupported = 95;
    internal const int QuotaExceeded = 122;
    private const int Denied = 13;

    /// <summary>The number that the last call of this thread left.</summary>
    internal static int Last => Marshal.GetLastPInvokeError();

    /// <summary>The exception for <see cref="Last"/>; its HResult is the number.</summary>
    internal static IOException Fault(string call, string path)
    {
        var number = Last;
        var message = $"{call} {path}: {Marshal.GetPInvokeErrorMessage(number)} (errno {number})";
        return number switch
        {
            _ when IsFull(number) => new DiskFullException(message),
            NoEntry => new FileNotFoundException(message, path),
            _ => new IOException(message, number),
        };
    }

    /// <summary>True for a number that tells of a file system, or a quota, without room.</summary>
    internal static bool IsFull(int number) => number is NoSpace or QuotaExceeded;

    /// <summary>The exception for what the runtime refuses as "unauthorized", which the seam knows as a fault
    /// too.</summary>
    internal static IOException Fault(UnauthorizedAccessException refused) => new(refused.Message, Denied);

    /// <summary>True when <paramref name="result"/> tells that a signal came between, and the call is to be
    /// made again.</summary>
    internal static bool IsInterrupted(long result) => result < 0 && Last == Interrupted;
}
