using System.Net;

namespace Barnabas.Sim;

/// <summary>The way from one address to another: what harm comes to it comes to all that is under way there. The way
/// back is a route of its own.</summary>
/// <remarks>A cut is that of packets: nobody is told of it. What was sent stays under way and comes after the route is
/// whole again, as TCP repeats it; a dial gets no answer.</remarks>
public sealed class SimRoute
{
    // TCP repeats what was lost after a while that grows; it need not come at once when the route is whole again.
    private static readonly TimeSpan LongestRepetition = TimeSpan.FromMilliseconds(500);
    private readonly World _world;
    private readonly LinkedList<SimConnection> _senders = [];

    internal SimRoute(World world, IPAddress from, IPAddress to) => (_world, From, To) = (world, from, to);

    /// <summary>Where it begins.</summary>
    public IPAddress From { get; }

    /// <summary>Where it ends.</summary>
    public IPAddress To { get; }

    /// <summary>True while nothing gets through.</summary>
    public bool IsCut { get; private set; }

    /// <summary>How much longer than usual everything takes.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Until when nothing arrives; by then all that was sent does.</summary>
    internal long ClearAt { get; private set; }

    /// <summary>From now on nothing gets through.</summary>
    public void Cut() => IsCut = true;

    /// <summary>It is whole again and as quick as ever; what is under way arrives, each connection's in its own
    /// time.</summary>
    public void Heal()
    {
        (Delay, ClearAt) = (TimeSpan.Zero, 0);
        if (!IsCut)
            return;
        IsCut = false;
        foreach (var sender in _senders.Where(static sender => sender.IsHeldUp).ToArray())
            _world.Schedule(_world.Delay(LongestRepetition), null, static s => ((SimConnection)s!).LandHeld(), sender);
    }

    /// <summary>Nothing that is sent from now on arrives before <paramref name="time"/> has passed; then all of it
    /// does.</summary>
    public void Clog(TimeSpan time) => ClearAt = _world.GetTimestamp() + time.Ticks;

    /// <summary>Resets every connection that uses it, at both ends.</summary>
    public void Reset()
    {
        foreach (var sender in _senders.ToArray())
            sender.Sever();
    }

    internal LinkedListNode<SimConnection> Add(SimConnection sender) => _senders.AddLast(sender);

    internal void Remove(LinkedListNode<SimConnection> sender) => _senders.Remove(sender);

    /// <summary>When what takes <paramref name="latency"/> on a route without faults would arrive.</summary>
    internal long Arrival(TimeSpan latency) =>
        Math.Max(_world.GetTimestamp() + latency.Ticks + Delay.Ticks, ClearAt);
}
