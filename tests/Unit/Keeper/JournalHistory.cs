using Barnabas.Base;
using Barnabas.Sim;
using Barnabas.SimKeeper;

namespace Barnabas.Tests.Unit.Keeper;

/// <summary>A random history of nodes over one journal: connections are lost, answers are, sessions end, servers stop
/// and pause, nodes die, snapshots are written, all at times that the seed chooses.</summary>
internal sealed class JournalHistory
{
    private const int Steps = 60;
    private readonly JournalStory _story;
    private readonly SimRandom _random;
    private int _named;

    public JournalHistory(int seed, Func<Host, Host>? shape = null)
    {
        _story = new JournalStory(seed, shape: shape);
        _random = new SimRandom((ulong)seed + 1000);
        // A quarter of the histories has servers that end sessions before their time, as clocks that jump do.
        _story.SessionsEndEarly = seed % 4 == 0;
        _story.Ensemble.Lag = TimeSpan.FromMilliseconds(1 + _random.Next(30));
    }

    public int Acknowledged => _story.Acknowledged.Count;

    public int Epochs => _story.Began.Count;

    public int Snapshots => _story.Nodes.Sum(static node => node.Snapshots);

    public void Run() => _story.Run(async () =>
    {
        _story.Ensemble.Fate = _ => _random.Next(100) switch
        {
            0 => RequestFate.LostBefore,
            1 or 2 => RequestFate.LostAfter,
            _ => RequestFate.Served,
        };
        for (var i = 0; i < Steps; i++)
        {
            Append();
            if (_random.Next(4) == 0)
                await DisturbAsync();
            await _story.PassAsync(_random.Next(600));
        }

        Heal();
    });

    private void Append()
    {
        foreach (var node in _story.Nodes)
        {
            for (var appends = _random.Next(4); appends > 0; appends--)
            {
                // Now and then more than one node of the ensemble holds.
                var (count, length) = _random.Next(10) == 0 ? (12, 400) : (1 + _random.Next(3), 10);
                node.Append([.. Enumerable.Range(0, count).Select(_ => $"{_named++} ".PadRight(length, 'x'))]);
            }
        }
    }

    private async Task DisturbAsync()
    {
        var ensemble = _story.Ensemble;
        var member = ensemble.Members[_random.Next(ensemble.Members.Count)];
        var node = _story.Nodes[_random.Next(_story.Nodes.Count)];
        switch (_random.Next(8))
        {
            case 0:
                member.Drop();
                break;
            case 1:
                member.Stop();
                break;
            case 2:
                member.Start();
                break;
            case 3:
                member.Pause();
                await _story.PassAsync(_random.Next(4000));
                member.GoOn();
                break;
            case 4 when ensemble.Sessions.Count > 0:
                var session = ensemble.Sessions[_random.Next(ensemble.Sessions.Count)];
                if (_story.SessionsEndEarly)
                    ensemble.Expire(session);
                else
                    ensemble.Unheard.Add(session);
                break;
            case 5:
                node.Kill();
                break;
            case 6 when !node.IsUp:
                // Its servers may be away for long: the history goes on meanwhile.
                _ = node.StartAsync();
                break;
            default:
                foreach (var one in _story.Nodes)
                    one.Snapshot();
                break;
        }
    }

    private void Heal()
    {
        _story.Ensemble.Fate = static _ => RequestFate.Served;
        _story.Ensemble.Unheard.Clear();
        foreach (var member in _story.Ensemble.Members)
        {
            member.Start();
            member.GoOn();
        }
    }
}
