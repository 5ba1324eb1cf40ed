namespace Barnabas.SimKeeper;

/// <summary>A session as the ensemble knows it.</summary>
internal sealed class SimSession(long id, byte[] password, TimeSpan timeout)
{
    public long Id => id;

    public byte[] Password => password;

    public TimeSpan Timeout => timeout;

    /// <summary>When its client was last heard of, as a timestamp of the clock.</summary>
    public long LastHeard { get; set; }
}
