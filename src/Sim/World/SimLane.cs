using Barnabas.Base;

namespace Barnabas.Sim;

/// <summary>A lane of the simulated machine: its pieces keep their order, lanes among each other have
/// none.</summary>
internal sealed class SimLane(World world, string name, int number) : Lane
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _work = new();

    /// <summary>The lane's number, which is the same in every run.</summary>
    internal int Number => number;

    /// <inheritdoc/>
    protected override TaskCreationOptions Continuations => TaskCreationOptions.None;

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        _work.Enqueue((d, state));
        world.Schedule(TimeSpan.Zero, this, static lane => ((SimLane)lane!).RunNext(), this);
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("lanes never block");

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <inheritdoc/>
    public override string ToString() => name;

    private void RunNext()
    {
        var (callback, state) = _work.Dequeue();
        callback(state);
    }
}
