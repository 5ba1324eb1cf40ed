using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>Frames of answers that were sent, for the answers to come.</summary>
internal static class SpareFrames
{
    /// <summary>An empty frame.</summary>
    internal static OutgoingFrame Take() => Spares<OutgoingFrame>.Take() ?? new OutgoingFrame();

    /// <summary>Takes a frame back that is not to be looked at any more.</summary>
    internal static void Return(OutgoingFrame frame)
    {
        frame.Reset();
        if (!Spares<OutgoingFrame>.TryKeep(frame))
            frame.Dispose();
    }
}
