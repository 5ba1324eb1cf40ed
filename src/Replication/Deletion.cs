using Barnabas.Base;

namespace Barnabas.Replication;

/// <summary>What came of deleting the records of a partition up to an offset (KIP-107).</summary>
/// <param name="Error">None, also where they were gone already.</param>
/// <param name="LowWatermark">The first offset still there; -1 after an error.</param>
public readonly record struct Deletion(ErrorCode Error, Offset LowWatermark)
{
    /// <summary>Nothing was deleted.</summary>
    public static Deletion Refused(ErrorCode error) => new(error, Offset.None);
}
