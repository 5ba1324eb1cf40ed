namespace Barnabas.Cli.Commands;

/// <summary>What the records of a log are.</summary>
internal enum RecordForm
{
    /// <summary>Whatever clients wrote.</summary>
    Plain,

    /// <summary>The cluster's metadata.</summary>
    Metadata,

    /// <summary>Groups and their offsets: <c>__consumer_offsets</c>.</summary>
    Groups,

    /// <summary>Transactional ids: <c>__transaction_state</c>.</summary>
    Transactions,

    /// <summary>What share groups have acquired: <c>__share_group_state</c>.</summary>
    Shares,
}
