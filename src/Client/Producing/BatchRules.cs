using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Client;

/// <summary>How a producer makes its batches: the same for all of them.</summary>
/// <param name="BatchSize">At how many bytes a batch is full.</param>
/// <param name="Compression">How full batches are compressed.</param>
/// <param name="Time">The host's clock.</param>
/// <param name="Lanes">Where they are compressed.</param>
/// <param name="Wake">Called when one is.</param>
/// <param name="IsTransactional">Whether batches are those of a transaction.</param>
internal sealed record BatchRules(
    int BatchSize, Compression Compression, TimeProvider Time, ILaneFactory Lanes, Action Wake, bool IsTransactional);
