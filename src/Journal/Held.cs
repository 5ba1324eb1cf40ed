namespace Barnabas.Journal;

/// <summary>A committed state and where in the journal it stands: enough to write a snapshot from.</summary>
/// <typeparam name="TState">The state, immutable: holding it costs a reference.</typeparam>
/// <param name="State">The state after all records up to <paramref name="Offset"/>.</param>
/// <param name="Offset">The last record applied; -1 before the first.</param>
/// <param name="Epoch">The epoch in which that record was appended; 0 before the first.</param>
/// <param name="Timestamp">When it was appended, in ms since 1970; -1 before the first.</param>
public sealed record Held<TState>(TState State, long Offset, int Epoch, long Timestamp);
