using Barnabas.Journal;
using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>A batch that was read.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Bytes">The bytes of its records.</param>
internal readonly record struct StoredBatch(Committed<ITypedRecord> Batch, long Bytes);
