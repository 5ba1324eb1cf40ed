using Barnabas.Wire;

namespace Barnabas.Rpc;

/// <summary>An answer whose bytes lie in a pooled frame: they are valid until it is disposed, once, from any
/// lane.</summary>
/// <typeparam name="TResponse">The answer.</typeparam>
public sealed class Leased<TResponse> : IDisposable
    where TResponse : IApiMessage<TResponse>
{
    private readonly FrameBuffer _frame;

    internal Leased(TResponse message, FrameBuffer frame) => (Message, _frame) = (message, frame);

    /// <summary>The answer; its slices of bytes alias the frame.</summary>
    public TResponse Message { get; }

    /// <inheritdoc/>
    public void Dispose() => _frame.Dispose();
}
