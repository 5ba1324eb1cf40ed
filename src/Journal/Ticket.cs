namespace Barnabas.Journal;

/// <summary>Stands in a state for somebody who waits for an answer.</summary>
/// <param name="Number">Unique in its shard as long as that is led here.</param>
public readonly record struct Ticket(long Number);

/// <summary>Answers whoever holds the ticket; a ticket that was answered before is nobody's.</summary>
/// <param name="To">The ticket.</param>
/// <param name="Answer">The answer, of the type that was asked for.</param>
public sealed record Reply(Ticket To, object Answer) : Effect;
