using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>Writes a partition's <c>leader-epoch-checkpoint</c>. The log's lane and a flush off it may both
/// want to: the newer history wins.</summary>
internal sealed class EpochFile(IDisk disk, string directory)
{
    private readonly Lock _writing = new();
    private long _written;

    /// <summary>The version that is on disk.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Replaces the file, durably, unless it is of this version or a later one.</summary>
    /// <returns>True when the file was replaced, and the directory synced with it.</returns>
    public bool Write(EpochHistory epochs, long version)
    {
        lock (_writing)
        {
            if (version <= _written)
                return false;
            EpochCheckpoint.Write(disk, directory, epochs);
            Volatile.Write(ref _written, version);
            return true;
        }
    }
}
