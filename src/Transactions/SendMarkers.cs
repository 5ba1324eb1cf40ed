using Barnabas.Journal;

namespace Barnabas.Transactions;

/// <summary>Has the partitions of a transaction told how it ended, and the transaction completed once all
/// know.</summary>
/// <param name="Prepared">The transaction, its verdict written.</param>
public sealed record SendMarkers(Transaction Prepared) : Effect;
