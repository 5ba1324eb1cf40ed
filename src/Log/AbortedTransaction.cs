using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>A transaction that ended in an abort, as the partition's transaction index holds it.</summary>
/// <param name="ProducerId">Whose it was.</param>
/// <param name="FirstOffset">Its first record in the partition.</param>
/// <param name="LastOffset">Its abort marker.</param>
/// <param name="LastStableOffset">The last stable offset when the marker was appended.</param>
public readonly record struct AbortedTransaction(
    ProducerId ProducerId, Offset FirstOffset, Offset LastOffset, Offset LastStableOffset);
