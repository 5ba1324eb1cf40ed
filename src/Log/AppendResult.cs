using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>How the append of one batch came out.</summary>
/// <param name="Error">None, also for a duplicate; else why the batch is not in the log.</param>
/// <param name="BaseOffset">The first record's offset, that of the original for a duplicate; -1 after an
/// error.</param>
/// <param name="LastOffset">The last record's offset; -1 after an error.</param>
/// <param name="MaxTimestamp">The stored batch's largest timestamp in ms; -1 after an error.</param>
/// <param name="IsDuplicate">True when the batch was in the log already and nothing was written.</param>
public readonly record struct AppendResult(
    ErrorCode Error, Offset BaseOffset, Offset LastOffset, long MaxTimestamp, bool IsDuplicate)
{
    /// <summary>The batch was refused.</summary>
    public static AppendResult Refused(ErrorCode error) => new(error, Offset.None, Offset.None, -1, false);
}
