using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>Frames of answers that were sent, for the answers to come: each thread keeps some.</summary>
internal static class SpareFrames
{
    private const int Most = 64;

    [ThreadStatic]
    private static Stack<OutgoingFrame>? _spare;

    /// <summary>An empty frame.</summary>
    internal static OutgoingFrame Take() => _spare is { Count: > 0 } spare ? spare.Pop() : new OutgoingFrame();

    /// <summary>Takes a frame back that is not to be looked at any more.</summary>
    internal static void Return(OutgoingFrame frame)
    {
        var spare = _spare ??= new Stack<OutgoingFrame>();
        if (spare.Count >= Most)
        {
            frame.Dispose();
            return;
        }

        frame.Reset();
        spare.Push(frame);
    }
}
