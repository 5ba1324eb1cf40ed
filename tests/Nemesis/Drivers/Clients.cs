using Barnabas.Base;
using Barnabas.Tests.Checker;

namespace Barnabas.Tests.Nemesis.Drivers;

/// <summary>A record that was read.</summary>
/// <param name="Partition">Where.</param>
/// <param name="Offset">At which offset.</param>
/// <param name="Content">What it says.</param>
internal readonly record struct Got(TopicPartition Partition, long Offset, Payload Content);

/// <summary>What became of a record that was sent.</summary>
/// <param name="Outcome">As its client knows it.</param>
/// <param name="Offset">Where it is; -1 where that was not told.</param>
/// <param name="Error">What went wrong; null when nothing did.</param>
internal readonly record struct Sent(Outcome Outcome, long Offset, string? Error);

/// <summary>A client cannot go on: another one is to take its place.</summary>
internal sealed class ClientEnded(string why) : Exception(why);

/// <summary>An idempotent producer.</summary>
internal interface ISender : IAsyncDisposable
{
    /// <summary>Sends records to a partition in this order, and waits for what becomes of all of them.</summary>
    /// <exception cref="ClientEnded">Nobody knows what became of them.</exception>
    Task<IReadOnlyList<Sent>> SendAsync(TopicPartition partition, IReadOnlyList<byte[]> records);
}

/// <summary>A reader of what is committed.</summary>
internal interface IReader : IAsyncDisposable
{
    /// <summary>Waits for records that come next; none when there are none for a while.</summary>
    /// <exception cref="ClientEnded">It cannot go on.</exception>
    Task<IReadOnlyList<Got>> PollAsync();
}

/// <summary>A member of a group that writes what it reads to another topic, each transaction with its
/// position.</summary>
internal interface ICopier : IReader
{
    /// <summary>Sends records and the positions behind what was polled last, in one transaction.</summary>
    /// <returns>What became of the transaction, and the offsets that were told. Where it is not committed, what was
    /// polled will be polled again.</returns>
    /// <exception cref="ClientEnded">Nobody knows what became of it.</exception>
    Task<(Outcome Outcome, IReadOnlyList<long> Offsets, string? Error)> CommitAsync(
        IReadOnlyList<(TopicPartition To, byte[] Record)> records);
}
