using Barnabas.Base;

namespace Barnabas.Sim;

/// <summary>A lane of the simulated machine: its pieces keep their order, lanes among each other have
/// none. Those of a process that was killed do nothing any more.</summary>
internal sealed class SimLane(World world, string name, int number, SimProcess? owner) : Lane
{
    private static readonly SendOrPostCallback Next = static lane => ((SimLane)lane!).RunNext();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _work = new();

    /// <summary>The lane's number, which is the same in every run.</summary>
    internal int Number => number;

    /// <inheritdoc/>
    protected override TaskCreationOptions Continuations => TaskCreationOptions.None;

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        if (owner is { IsDead: true })
            return;
        _work.Enqueue((d, state));
        world.Schedule(TimeSpan.Zero, this, Next, this);
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
        if (owner is { IsPaused: true })
        {
            owner.Hold(this, Next, this);
            return;
        }

        var (callback, state) = _work.Dequeue();
        if (owner is not { IsDead: true })
            callback(state);
    }
}
