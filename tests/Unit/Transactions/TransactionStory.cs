using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Transactions;

namespace Barnabas.Tests.Unit.Transactions;

/// <summary>A shard's state under decisions, without a node: producer ids are counted, and what partitions would be
/// told is kept until it is said that they know.</summary>
internal sealed class TransactionStory
{
    public const string Id = "payments";
    public static readonly TransactionPartition Orders = new("orders", 0);
    private readonly List<TransactionRecord> _stored = [];
    private long _lastId = 99;

    public TransactionsState State { get; private set; } = TransactionsState.Empty;

    public long Now { get; set; } = 1_700_000_000_000;

    /// <summary>The finalized <c>transaction.version</c>.</summary>
    public short Version { get; set; } = 2;

    /// <summary>Transactions whose partitions are being told.</summary>
    public List<Transaction> Telling { get; } = [];

    public IReadOnlyList<TransactionRecord> Stored => _stored;

    public Transaction? Known => State.Find(Id);

    public TransactionStatus Status => Known!.Status;

    /// <summary>The identity that would be given to nobody but the producer that stands.</summary>
    public ProducerIdentity Identity => Known!.Identity;

    /// <summary>What a replay of the records gives, read from their bytes.</summary>
    public TransactionsState Replayed => TransactionsState.Empty.Apply(_stored.ConvertAll(Reread));

    public TransactionRules Rules => new(Config, Version, Now);

    public static TransactionConfig Config { get; } = new()
    {
        MaxTimeoutMs = 900_000,
        IdExpiration = TimeSpan.FromDays(7),
        ExpirationInterval = TimeSpan.FromHours(1),
        AbortInterval = TimeSpan.FromSeconds(10),
        LoadBufferBytes = 1 << 20,
        LogPartitions = 50,
        LogReplicationFactor = 3,
        LogMinIsr = 2,
        RequestTimeout = TimeSpan.FromSeconds(30),
        LogSegmentBytes = 1 << 20,
    };

    /// <summary>Begins with a producer in the given epoch.</summary>
    public static TransactionStory At(short epoch, short version = 2)
    {
        var story = new TransactionStory { Version = version };
        Assert.Equal(ErrorCode.None, story.Init().Error);
        story.Put(story.Known! with { Epoch = epoch });
        return story;
    }

    /// <summary>Begins with an id in a status, its producer in epoch 5: after an end, in that of the next
    /// transaction.</summary>
    public static TransactionStory In(TransactionStatus? status, short version)
    {
        if (status is null)
            return new TransactionStory { Version = version };
        var story = At(5, version);
        var ends = status is not (TransactionStatus.Empty or TransactionStatus.Ongoing);
        if (ends && version == 2)
            story.Put(story.Known! with { Epoch = 4 });
        if (status != TransactionStatus.Empty)
            Assert.Equal(ErrorCode.None, story.Add());
        if (ends)
        {
            var commits = status is TransactionStatus.PrepareCommit or TransactionStatus.CompleteCommit;
            Assert.Equal(ErrorCode.None, story.End(commits).Error);
        }

        if (status is TransactionStatus.CompleteCommit or TransactionStatus.CompleteAbort)
            story.Tell();
        Assert.Equal((status, (short)5), (story.Status, story.Known!.Epoch));
        return story;
    }

    public ProducerAnswer Init(ProducerIdentity? expected = null, int timeoutMs = 60_000) =>
        RunWithId(new InitProducerId(Id, timeoutMs, expected).Decide);

    public ErrorCode Add(ProducerIdentity? producer = null, params TransactionPartition[] partitions) =>
        Run(new AddPartitions(Id, producer ?? Identity, partitions.Length > 0 ? partitions : [Orders], Version)
            .Decide(State, Rules));

    public IReadOnlyList<ErrorCode> Verify(ProducerIdentity? producer, params TransactionPartition[] partitions) =>
        Run(new AddPartitions(Id, producer ?? Identity, partitions, Version).Verify(State));

    public ProducerAnswer End(bool commits, ProducerIdentity? producer = null) =>
        RunWithId(new EndTransaction(Id, producer ?? Identity, commits, Version).Decide);

    /// <summary>All partitions know how a transaction ended.</summary>
    public bool Tell()
    {
        var prepared = Telling[0];
        Telling.RemoveAt(0);
        return Run(CompleteTransaction.Decide(State, prepared, Now));
    }

    public int AbortOverdue() => Run(AbortTimedOut.Decide(State, Rules));

    public int Expire() => Run(ExpireIds.Decide(State, Rules));

    /// <summary>The coordinator is another, and has what is kept.</summary>
    public void Reload()
    {
        State = Replayed;
        Telling.Clear();
        Telling.AddRange(State.Transactions.Select(t => t.Value).Where(t => t.Status.IsPrepared()));
    }

    public void Put(Transaction transaction) => Run(new Decision<int, TransactionRecord>(
        0, [TransactionRecord.Of(transaction)]));

    public T Run<T>(Decision<T, TransactionRecord> decision)
    {
        State = State.Apply(decision.Records);
        _stored.AddRange(decision.Records);
        foreach (var effect in decision.Effects)
            Telling.Add(Assert.IsType<SendMarkers>(effect).Prepared);
        return decision.Answer;
    }

    /// <summary>What a replay cannot know.</summary>
    public static Transaction Kept(Transaction transaction) => transaction with { EpochBefore = -1, Partitions = [] };

    private ProducerAnswer RunWithId(
        Func<TransactionsState, ProducerId?, TransactionRules, Decision<ProducerAnswer?, TransactionRecord>> decide) =>
        Run(decide(State, null, Rules)) ?? Run(decide(State, new ProducerId(++_lastId), Rules))!.Value;

    private TransactionRecord Reread(TransactionRecord record)
    {
        var (key, value) = TransactionRecordCodec.Write(record, Version);
        // Not "value": a null array is an empty memory, and no tombstone.
        return TransactionRecordCodec.Read(key, value is null ? null : value.AsMemory())!;
    }
}
