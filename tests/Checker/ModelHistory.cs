namespace Barnabas.Tests.Checker;

/// <summary>Histories of a cluster that keeps all its promises, from a seed: what a checker has to find nothing
/// in.</summary>
/// <remarks>Every operation takes effect at one moment between its begin and its end. Some are aborted, of some the
/// client never hears; offsets have gaps where markers and aborted records stand.</remarks>
public sealed class ModelHistory
{
    private const int MostReads = 5;
    private const int LongestStep = 10;
    private readonly Random _random;
    private readonly List<(long Offset, long Value)>[] _logs;
    private readonly long[] _ends;
    private readonly Client[] _clients;
    private readonly List<Operation> _done = [];
    private long _time;
    private long _lastValue;

    private ModelHistory(int seed, int clients, int keys)
    {
        _random = new Random(seed);
        _logs = [.. Enumerable.Range(0, keys).Select(static _ => new List<(long, long)>())];
        _ends = new long[keys];
        _clients = [.. Enumerable.Range(0, clients).Select(process => new Client(process, keys))];
    }

    /// <summary>A history of so many operations, after which everything is read to the end.</summary>
    public static History Create(int seed, int operations, int clients = 8, int keys = 6)
    {
        var model = new ModelHistory(seed, clients, keys);
        while (model._done.Count < operations)
            model.Go();
        foreach (var client in model._clients)
            client.Running = null;
        model._time += LongestStep;
        model.ReadToTheEnd();
        return new([.. model._done.OrderBy(static operation => operation.Began)]) { IsReadToTheEnd = true };
    }

    /// <summary>Some client begins something, or it takes effect, or ends.</summary>
    private void Go()
    {
        _time += 1 + _random.Next(LongestStep);
        var client = _clients[_random.Next(_clients.Length)];
        if (client.Running is not { } running)
            client.Running = new(_time);
        else if (running.Steps is null)
            client.Running = TakeEffect(client, running);
        else
            End(client, running);
    }

    private Running TakeEffect(Client client, Running running)
    {
        var outcome = _random.Next(20) switch
        {
            0 => Outcome.Failed,
            1 => Outcome.Unknown,
            _ => Outcome.Ok,
        };
        var isApplied = outcome == Outcome.Ok || (outcome == Outcome.Unknown && _random.Next(2) == 0);
        var work = _random.Next(3);
        var steps = new List<Step>();
        if (work != 0)
            Read(client, steps, MostReads, outcome == Outcome.Ok);
        if (work != 1)
            Send(steps, 1 + _random.Next(3), isApplied, outcome == Outcome.Ok);
        var isTransaction = work == 2 || outcome == Outcome.Failed;
        return running with { Steps = steps, Outcome = outcome, IsTransaction = isTransaction };
    }

    private void Read(Client client, List<Step> steps, int most, bool movesOn)
    {
        var key = _random.Next(_logs.Length);
        var from = client.Positions[key];
        foreach (var (offset, value) in _logs[key].GetRange(from, Math.Min(most, _logs[key].Count - from)))
            steps.Add(Step.Read(key, value, offset));
        if (movesOn)
            client.Positions[key] = Math.Min(from + most, _logs[key].Count);
    }

    private void Send(List<Step> steps, int count, bool isApplied, bool isTold)
    {
        for (var i = 0; i < count; i++)
        {
            var (key, value) = (_random.Next(_logs.Length), ++_lastValue);
            var offset = _ends[key]++;
            if (isApplied)
                _logs[key].Add((offset, value));
            steps.Add(Step.Send(key, value, isTold ? offset : Step.NoOffset));
        }

        foreach (var step in steps)
            _ends[step.Key]++;
    }

    private void End(Client client, Running running)
    {
        _done.Add(new(client.Process, running.Outcome, running.Began, _time, running.Steps!)
        {
            IsTransaction = running.IsTransaction,
        });
        client.Running = null;
    }

    private void ReadToTheEnd()
    {
        var reader = _clients.Length;
        for (var key = 0; key < _logs.Length; key++)
        {
            var reads = _logs[key].Select(entry => Step.Read(key, entry.Value, entry.Offset)).ToList();
            _done.Add(new(reader, Outcome.Ok, _time + 1, _time + 2, reads));
            _time += 3;
        }
    }

    private sealed class Client(int process, int keys)
    {
        public int Process { get; } = process;

        /// <summary>By key: how many of its values it has read.</summary>
        public int[] Positions { get; } = new int[keys];

        public Running? Running { get; set; }
    }

    private sealed record Running(long Began)
    {
        public List<Step>? Steps { get; init; }

        public Outcome Outcome { get; init; }

        public bool IsTransaction { get; init; }
    }
}
