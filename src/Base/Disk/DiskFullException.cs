namespace Barnabas.Base;

/// <summary>There is no room left on the file system, or in the quota: ENOSPC or EDQUOT.</summary>
/// <param name="message">What was tried, on which file.</param>
public sealed class DiskFullException(string message) : IOException(message, NoSpace)
{
    private const int NoSpace = 28;
}
