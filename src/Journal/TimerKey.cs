namespace Barnabas.Journal;

/// <summary>What a timer is for: a shard has one timer a key. Equal by value.</summary>
public abstract record TimerKey;

/// <summary>Sets a timer, in place of the one of that key if there is one.</summary>
/// <param name="Key">What it is for.</param>
/// <param name="After">When it rings, from now.</param>
public sealed record SetTimer(TimerKey Key, TimeSpan After) : Effect;

/// <summary>Sets a timer where none of that key is set; one that is keeps its time.</summary>
/// <param name="Key">What it is for.</param>
/// <param name="After">When it rings, from now.</param>
public sealed record StartTimer(TimerKey Key, TimeSpan After) : Effect;

/// <summary>Stops a timer, if there is one.</summary>
/// <param name="Key">What it was for.</param>
public sealed record StopTimer(TimerKey Key) : Effect;
