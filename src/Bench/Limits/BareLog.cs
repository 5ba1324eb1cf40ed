namespace Barnabas.Bench;

/// <summary>The log of the bare server of <c>bench/Limits</c>.</summary>
public static class BareLog
{
    /// <summary>Has the server delete what was appended, as the topics of runs before are deleted.</summary>
    /// <param name="port">Where it listens on this machine.</param>
    /// <exception cref="IOException">It does not answer.</exception>
    public static void BeginAnew(int port)
    {
        using var line = Line.Dial("127.0.0.1", port, TimeSpan.FromSeconds(30));
        line.Send(BareFrame.BeginAnew());
        _ = line.Receive();
    }
}
