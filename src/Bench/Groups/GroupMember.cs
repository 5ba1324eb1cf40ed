using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Wire.Messages;

namespace Barnabas.Bench;

/// <summary>A member of a group that reads nothing: it joins, gives signs of life and commits.</summary>
/// <param name="peer">Its connection.</param>
/// <param name="group">The group.</param>
/// <param name="topic">What the group reads.</param>
/// <param name="partition">The partition that it commits.</param>
internal abstract class GroupMember(Peer peer, string group, string topic, int partition) : IAsyncDisposable
{
    /// <summary>How long a member waits for anything, in ms.</summary>
    protected const int TimeoutMs = 120_000;

    private const short FindVersion = 4, CommitVersion = 9, FetchVersion = 9;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary><see cref="TimeoutMs"/>.</summary>
    protected static TimeSpan Patience { get; } = TimeSpan.FromMilliseconds(TimeoutMs);

    /// <summary>Its connection.</summary>
    protected Peer Peer { get; } = peer;

    /// <summary>The group.</summary>
    protected string Group { get; } = group;

    /// <summary>What the group reads.</summary>
    protected string Topic { get; } = topic;

    /// <summary>Its id.</summary>
    protected string Id { get; set; } = "";

    /// <summary>The generation or epoch that it is at.</summary>
    protected int Epoch { get; set; } = -1;

    /// <summary>Waits until the group can be asked: on a fresh node its coordinator's topic is made
    /// first.</summary>
    public async Task FindAsync()
    {
        await Peer.SendAsync(new FindCoordinatorRequest { CoordinatorKeys = [Group] }, FindVersion, Patience);
        while ((await Peer.SendAsync(
            new OffsetFetchRequest { Groups = [new() { GroupId = Group }] }, FetchVersion, Patience))
            .Groups[0].ErrorCode != ErrorCode.None)
        {
            await Task.Delay(Pause);
        }
    }

    /// <summary>Joins, and takes its share.</summary>
    public abstract Task JoinAsync();

    /// <summary>Gives a sign of life.</summary>
    public abstract Task<ErrorCode> BeatAsync();

    /// <summary>Commits its partition.</summary>
    public async Task<ErrorCode> CommitAsync(long offset)
    {
        var answer = await Peer.SendAsync(
            new OffsetCommitRequest
            {
                GroupId = Group,
                MemberId = Id,
                GenerationIdOrMemberEpoch = Epoch,
                Topics =
                [
                    new()
                    {
                        Name = Topic,
                        Partitions = [new() { PartitionIndex = partition, CommittedOffset = new Offset(offset) }],
                    },
                ],
            },
            CommitVersion, Patience);
        return answer.Topics[0].Partitions[0].ErrorCode;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Peer.DisposeAsync();

    /// <summary>Holds an answer to what it has to be.</summary>
    protected static void Check(ErrorCode error)
    {
        if (error != ErrorCode.None)
            throw new LoadException($"a member of a group was told {error.KafkaName()}");
    }
}
