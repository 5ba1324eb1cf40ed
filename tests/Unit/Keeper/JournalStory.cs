using System.Net;
using System.Text;
using Barnabas.Base;
using Barnabas.Keeper;
using Barnabas.Sim;
using Barnabas.SimKeeper;

namespace Barnabas.Tests.Unit.Keeper;

/// <summary>Several nodes over one journal in a simulated ensemble, and what always holds for them.</summary>
internal sealed class JournalStory
{
    private const int MaxFrameBytes = 4096;
    private readonly List<string> _faults = [];
    private readonly List<string> _global = [];

    public JournalStory(int seed, int nodes = 3, int members = 3, Func<Host, Host>? shape = null)
    {
        Shape = shape ?? (static host => host);
        World = new World(seed);
        Ensemble = new SimEnsemble(
            World.NewProcess().NewHost(new SimDisk(seed, World)),
            [.. Enumerable.Range(0, members).Select(i => new IPEndPoint(IPAddress.Loopback, 2181 + i))])
        {
            MaxFrameBytes = MaxFrameBytes,
        };
        Nodes = [.. Enumerable.Range(1, nodes).Select(id => new JournalNode(this, id))];
        World.AfterStep = Check;
    }

    public World World { get; }

    public SimEnsemble Ensemble { get; }

    public IReadOnlyList<JournalNode> Nodes { get; }

    /// <summary>Makes the host of each node what it is to be.</summary>
    public Func<Host, Host> Shape { get; }

    /// <summary>The records that a leader was told are committed.</summary>
    public HashSet<string> Acknowledged { get; } = new(StringComparer.Ordinal);

    /// <summary>The epochs in which somebody led.</summary>
    public HashSet<int> Began { get; } = [];

    public int SnapshotsLost { get; set; }

    /// <summary>True where a session ends before its time, so that the lease cannot keep leaders apart.</summary>
    public bool SessionsEndEarly { get; set; }

    /// <summary>Who leads; the one of the newest epoch, where an older one has not heard yet.</summary>
    public JournalNode? Leader => Nodes.Where(static node => node.Leads).MaxBy(static node => node.Epoch);

    public KeeperJournalSettings Settings(int id) => new(
        new KeeperSettings(ConnectString.Parse(Ensemble.Addresses + "/test/cluster"))
        {
            SessionTimeout = TimeSpan.FromSeconds(3),
            MaxFrameBytes = MaxFrameBytes,
        },
        new BrokerId(id))
    {
        OpenTimeout = TimeSpan.FromMinutes(5),
        NewClusterId = "the-cluster",
    };

    /// <summary>Tells a story, then that every node has what the others have, and all that was promised.</summary>
    public void Run(Func<Task> story) => World.Run(
        async () =>
        {
            foreach (var node in Nodes)
                await node.StartAsync();
            await story();
            await AgreeAsync();
            foreach (var node in Nodes)
                await node.CloseAsync();
            Ensemble.Stop();
        },
        TimeSpan.FromHours(2));

    public Task PassAsync(int ms) => Task.Delay(TimeSpan.FromMilliseconds(ms), World);

    public void Hold(bool condition, string what)
    {
        if (!condition)
            _faults.Add(what);
    }

    /// <summary>A node was given a record: whoever is given the same offset is given the same, and what is committed
    /// after an epoch began is of that epoch.</summary>
    public void Committed(int node, int offset, int epoch, string name)
    {
        if (offset == _global.Count)
        {
            _global.Add(name);
            Hold(epoch >= Began.Max(), $"node {node}: epoch {epoch} at {offset}, after epoch {Began.Max()} began");
        }

        Hold(offset < _global.Count && _global[offset] == name, $"node {node} has another record at {offset}");
    }

    /// <summary>Where a node stands for election, the session it does so with, and who serves that.</summary>
    public (string Path, long Session, SimMember At) CandidacyOf(JournalNode node)
    {
        const string election = "/test/cluster/barnabas/election";
        var member = Ensemble.Members[0];
        var path = member.Children(election).Select(static name => $"{election}/{name}")
            .Last(path => Encoding.ASCII.GetString(member.Read(path)!.Value.Span) == $"{node.Id}");
        var session = member.OwnerOf(path);
        return (path, session, Ensemble.Members.Single(one => one.Serves(session)));
    }

    /// <summary>Waits until a node leads, at most half a minute.</summary>
    public async Task<JournalNode> LeaderAsync()
    {
        for (var i = 0; i < 300 && Leader is null; i++)
            await PassAsync(100);
        Assert.True(Leader is not null, $"seed {World.Seed}: nobody leads");
        return Leader!;
    }

    /// <summary>Waits until all nodes that are up have the same, and every promise is in it once.</summary>
    public async Task AgreeAsync()
    {
        foreach (var node in Nodes)
            await (node.IsUp ? node.Opened : node.StartAsync());
        var last = $"last {World.Steps}";
        for (var i = 0; i < 600 && !Acknowledged.Contains(last); i++)
        {
            if (i % 50 == 0)
                (await LeaderAsync()).Append(last);
            await PassAsync(100);
        }

        await PassAsync(5000);
        Assert.True(Acknowledged.Contains(last), $"seed {World.Seed}: nothing is committed any more");
        foreach (var node in Nodes)
            Assert.Equal(_global, node.Log);
        Assert.Distinct(_global.Where(static name => !name.StartsWith("last", StringComparison.Ordinal)));
        Assert.Subset(_global.ToHashSet(StringComparer.Ordinal), Acknowledged);
    }

    private void Check()
    {
        if (_faults.Count > 0)
            Assert.Fail($"seed {World.Seed}, at {World.Age}: {string.Join("; ", _faults)}");
        var leaders = 0;
        foreach (var node in Nodes)
            leaders += node.Leads ? 1 : 0;
        if (leaders > 1 && !SessionsEndEarly)
            Assert.Fail($"seed {World.Seed}, at {World.Age}: {leaders} nodes lead");
    }
}
