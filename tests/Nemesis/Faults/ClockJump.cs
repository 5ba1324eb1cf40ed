using Barnabas.Tests.Nemesis.Servers;

namespace Barnabas.Tests.Nemesis.Faults;

/// <summary>A broker's wall clock is wrong for a while.</summary>
internal sealed class ClockJump(BrokerProcess broker, WallClock clock, TimeSpan wrongBy)
    : Fault($"the clock of {broker.Node} is wrong by {wrongBy}")
{
    /// <inheritdoc/>
    public override Task InjectAsync()
    {
        clock.Set(wrongBy);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task HealAsync()
    {
        clock.Set(TimeSpan.Zero);
        return Task.CompletedTask;
    }
}
