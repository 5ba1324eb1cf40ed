using Barnabas.Base;

namespace Barnabas.Replication;

/// <summary>What a producer is told of a batch.</summary>
/// <param name="Error">None, also for a duplicate.</param>
/// <param name="BaseOffset">The first record's offset; -1 after an error.</param>
/// <param name="MaxTimestamp">The stored batch's largest timestamp in ms; -1 after an error.</param>
/// <param name="LogStart">The partition's log start offset; -1 after an error.</param>
public readonly record struct AppendAnswer(ErrorCode Error, Offset BaseOffset, long MaxTimestamp, Offset LogStart)
{
    /// <summary>The batch was refused.</summary>
    public static AppendAnswer Refused(ErrorCode error) => new(error, Offset.None, -1, Offset.None);
}
