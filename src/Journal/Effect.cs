namespace Barnabas.Journal;

/// <summary>Something to be done in the world once a decision is committed: a timer, a send, a parked answer.</summary>
/// <remarks>Data: a decision names its effects, and whoever hosts the machine performs them. They are forgotten when
/// the records of their decision are never committed, and they are not replayed.</remarks>
public abstract record Effect;
