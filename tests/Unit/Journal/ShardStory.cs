using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Journal;

/// <summary>Shards over journals in memory, which the test prepares in the order in which they are opened.</summary>
internal sealed class ShardStory
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);
    private readonly Queue<MemoryJournal> _prepared = new();
    private Lane? _lane;

    public ShardStory(int seed = 1)
    {
        World = new World(seed);
        Host = new CoordinatorHost<Words, string>(
            World.NewHost(new SimDisk(seed)), "words", Open,
            shard => Events.Add($"loaded {shard.Committed.Text}"),
            (_, key) => Events.Add($"rang {key}"),
            () => Patience);
    }

    /// <summary>How long callers wait for a commit.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(10);

    public World World { get; }

    public CoordinatorHost<Words, string> Host { get; }

    /// <summary>What the host was told.</summary>
    public List<string> Events { get; } = [];

    /// <summary>The shards and epochs whose journals were opened, in order.</summary>
    public List<(int Index, int Epoch)> Opened { get; } = [];

    /// <summary>Whoever waits.</summary>
    public Ticket Waiting { get; set; }

    public void Tell(Func<Task> story) => World.Run(story);

    /// <summary>The journal that is opened next.</summary>
    public MemoryJournal Prepare(bool loadsByHand, params string[] records) =>
        Prepare(new MemoryJournal { LoadsByHand = loadsByHand }, records);

    public MemoryJournal Prepare(MemoryJournal journal, params string[] records)
    {
        journal.Committed.AddRange(records);
        _prepared.Enqueue(journal);
        return journal;
    }

    /// <summary>Shard 0, led and loaded, with nothing in it.</summary>
    public async Task<MemoryJournal> LeadAsync()
    {
        var journal = Prepare(loadsByHand: false);
        Host.Lead(0, journal.Epoch);
        await SettleAsync();
        return journal;
    }

    public Task<string> SayAsync(string word, params Effect[] effects) => Ask(
        state => new(state.Text + word, [word], effects));

    public Task<string> AskAsync() => Ask(static state => state.Text);

    public Task<string> ParkAsync(Action<Ticket>? waits = null, string? answer = null) => Host.Find(0)!.ParkAsync(
        (_, ticket) =>
        {
            waits?.Invoke(ticket);
            return answer;
        },
        static error => error.ToString());

    public Task SettleAsync() => Task.Delay(Moment, World);

    public async Task CommitAsync(MemoryJournal journal, int appends = int.MaxValue)
    {
        await SettleAsync();
        await OnLaneAsync(() => journal.Commit(appends));
    }

    /// <summary>Does something on the lane of the journal that was opened last.</summary>
    public async Task OnLaneAsync(Action act)
    {
        await _lane!.RunAsync(() =>
        {
            act();
            return true;
        });
        await SettleAsync();
    }

    private Task<string> Ask(Func<Words, Decision<string, string>> decide) =>
        Host.Find(0)!.CommandAsync(decide, static error => error.ToString());

    private MemoryJournal Open(Lane lane, int index, int epoch)
    {
        _lane = lane;
        Opened.Add((index, epoch));
        return _prepared.TryDequeue(out var journal) ? journal : new MemoryJournal(epoch);
    }
}
