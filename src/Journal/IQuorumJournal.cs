namespace Barnabas.Journal;

/// <summary>A journal that one or several nodes keep, one of which leads at a time.</summary>
/// <remarks>A node that loses the lead hears of it (<see cref="IJournalFollower{TRecord}.OnEpoch"/>), follows on, and
/// may lead again.</remarks>
/// <typeparam name="TRecord">What it lists.</typeparam>
public interface IQuorumJournal<TRecord> : IJournal<TRecord>
{
    /// <summary>Completes when this node can neither lead nor follow any more.</summary>
    Task<IOException> Fault { get; }

    /// <summary>Who keeps the journal and who leads, as far as this node knows. From any lane.</summary>
    QuorumView Describe();

    /// <summary>Gives the lead up where another node can take it, and follows no more. From any lane.</summary>
    Task WithdrawAsync();

    /// <summary>Ends what is being written, gives the lead up, and closes. From any lane.</summary>
    Task CloseAsync();
}
