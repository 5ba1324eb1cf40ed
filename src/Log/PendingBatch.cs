using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>A batch waiting to be appended.</summary>
/// <param name="Bytes">One valid batch of format v2 and nothing else; the log writes base offset and leader
/// epoch into it, except for <see cref="AppendOrigin.Replication"/>. Free again when the append returns.</param>
/// <param name="Epoch">The leader epoch under which it is appended.</param>
/// <param name="Origin">Who appends.</param>
public readonly record struct PendingBatch(
    Memory<byte> Bytes, LeaderEpoch Epoch, AppendOrigin Origin = AppendOrigin.Client);

/// <summary>Who appends a batch: it decides which checks apply.</summary>
public enum AppendOrigin
{
    /// <summary>A producer: epochs, sequences and duplicates are checked.</summary>
    Client,

    /// <summary>This node's own coordinators and journals: epochs are checked, sequences are not.</summary>
    Coordinator,

    /// <summary>A copy of what the leader has appended: offsets and epochs stand, nothing is judged again.</summary>
    Replication,
}
