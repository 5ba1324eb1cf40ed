using Barnabas.Base;

namespace Barnabas.Log;

public sealed partial class PartitionLog
{
    /// <summary>The log as it stands, for a copy of it that is to take its place. Called on its lane.</summary>
    public LogHandover HandOver()
    {
        ThrowIfFailed();
        return new LogHandover(View, _producers);
    }

    /// <summary>Makes a copy, which has all batches, what the log is that it was made of: leader epochs without
    /// records, producers whose batches were deleted, and the log start offset.</summary>
    public void TakeOver(LogHandover from)
    {
        ThrowIfFailed();
        Invariant.Holds(_end == from.View.End, "a copy takes over where it ends as the log does");
        _isAsClosed = false;
        SetEpochs(from.View.Epochs);
        _producers.Reset(from.Producers, _end);
        _producers.TakeOver(from.Verifications);
        DeleteTo(from.View.LogStart);
        Publish();
    }
}
