using System.Collections.Concurrent;
using System.Globalization;
using Barnabas.Client;

namespace Barnabas.Tests.Nemesis.Drivers;

/// <summary>All clients of a run: each topic is written by three producers, read by two readers, copied by a copier; a
/// group reads the managed one.</summary>
internal sealed class Workload : IAsyncDisposable
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(120);
    private readonly CancellationTokenSource _stopSending = new();
    private readonly CancellationTokenSource _stopReading = new();
    private readonly MachineClock _clock;
    private readonly KafkaClient _client;
    private readonly ForeignProducer _foreign;
    private readonly ForeignPlace _place;
    private readonly ReaderLoop[] _readers;
    private readonly List<Task> _sending = [];
    private readonly List<Task> _reading = [];
    private ForeignCopier? _copier;

    /// <summary>Clients that have not begun.</summary>
    /// <param name="bootstrap">The brokers' addresses.</param>
    /// <param name="home">The directory for what clients say.</param>
    /// <param name="clock">What limits are held against.</param>
    public Workload(string bootstrap, string home, MachineClock clock)
    {
        _clock = clock;
        _place = new(bootstrap, home);
        _client = NewClient(bootstrap, "workload");
        _foreign = new(_place);
        _readers =
        [
            new(Recorder, from => new ManagedReader(_client, from)),
            new(Recorder, from => new ForeignReader(_place, from)),
        ];
    }

    /// <summary>What was sent, read and copied.</summary>
    public Recorder Recorder { get; } = new();

    /// <summary>What the group committed, and where it was found to stand.</summary>
    public Recorder Commits { get; } = new();

    /// <summary>What the group has handled: the number of the record by partition and offset.</summary>
    public ConcurrentDictionary<(int Key, long Offset), long> Handled { get; } = new();

    /// <summary>A managed client that finds another broker soon.</summary>
    public static KafkaClient NewClient(string bootstrap, string id) => new(new KafkaClientOptions
    {
        BootstrapServers = bootstrap.Split(','),
        ClientId = id,
        RequestTimeout = TimeSpan.FromSeconds(10),
        SetupTimeout = TimeSpan.FromSeconds(3),
        MetadataMaxAge = TimeSpan.FromSeconds(5),
        ReconnectBackoffMax = TimeSpan.FromMilliseconds(500),
    });

    /// <summary>Begins.</summary>
    public void Start()
    {
        foreach (var key in Topics.KeysOf(Topics.Managed))
            Send(key, () => new ManagedSender(_client));
        foreach (var key in Topics.KeysOf(Topics.Foreign))
            Send(key, _foreign.Sender);
        foreach (var reader in _readers)
            _reading.Add(Task.Run(() => reader.RunAsync(_stopReading.Token)));
        for (var member = 0; member < 2; member++)
            _reading.Add(Task.Run(() => new MemberLoop(Commits, Handled, _client).RunAsync(_stopReading.Token)));
        var managed = new CopierLoop(
            Recorder, Topics.Managed, Topics.ManagedCopies,
            () => ManagedCopier.BeginAsync(_client, Topics.Managed));
        var foreign = new CopierLoop(
            Recorder, Topics.Foreign, Topics.ForeignCopies, () => Task.FromResult(NewCopier()));
        _reading.Add(Task.Run(() => managed.RunAsync(_stopReading.Token)));
        _reading.Add(Task.Run(() => foreign.RunAsync(_stopReading.Token)));
    }

    /// <summary>Ends the copier of librdkafka at once, whatever it is doing (kill -9); another takes its
    /// place.</summary>
    public void KillCopier() => _copier?.Kill();

    /// <summary>Ends the sending, and waits until all that was sent is read, handled and copied.</summary>
    /// <returns>What did not come to an end in time; none where all is well.</returns>
    public async Task<IReadOnlyList<string>> DrainAsync()
    {
        await _stopSending.CancelAsync();
        var since = _clock.Given;
        var stuck = new List<string>();
        await WaitAsync("what was sent", () => Task.FromResult(_sending.TrueForAll(static task => task.IsCompleted)));
        await WaitAsync(ManagedCopier.Name, () => HasNoLagAsync(ManagedCopier.Name));
        await WaitAsync(ForeignCopier.Name, () => HasNoLagAsync(ForeignCopier.Name));
        await WaitAsync(MemberLoop.Group, () => HasNoLagAsync(MemberLoop.Group));
        var last = await LastRecordsAsync();
        await WaitAsync("the managed reader", () => Task.FromResult(_readers[0].HasReached(last)));
        await WaitAsync("the reader of librdkafka", () => Task.FromResult(_readers[1].HasReached(last)));
        return stuck;

        async Task WaitAsync(string who, Func<Task<bool>> isDone)
        {
            while (!await isDone())
            {
                if (_clock.Given - since > DrainLimit)
                {
                    stuck.Add($"{who} did not come to an end");
                    return;
                }

                await Task.Delay(300);
            }
        }
    }

    /// <summary>What clients were told went wrong, how often, and when last.</summary>
    public IEnumerable<string> Errors() =>
        from errors in (IReadOnlyDictionary<string, (int Count, DateTime Last)>[])[Recorder.Errors, Commits.Errors]
        from error in errors.OrderByDescending(static error => error.Value.Count)
        select string.Create(
            CultureInfo.InvariantCulture,
            $"    {error.Value.Count} times, last at {error.Value.Last:HH:mm:ss.fff}: {error.Key}");

    /// <summary>How groups and transactions stand, for whoever looks for the reason why they do not go on.</summary>
    public async Task<IReadOnlyList<string>> DescribeAsync()
    {
        var lines = Errors().ToList();
        await LookAsync("partitions", async () => string.Join("; ",
            from topic in await _client.Admin.ListTopicsAsync()
            from partition in topic.Partitions
            select $"{topic.Name}-{partition.Index} led by {partition.Leader} in {partition.LeaderEpoch}, in sync "
                + string.Join(' ', partition.Isr)));
        foreach (var name in (string[])[ManagedCopier.Name, ForeignCopier.Name])
            await LookAsync(name, async () => $"{await _client.Admin.DescribeTransactionAsync(name)}");
        foreach (var name in (string[])[ManagedCopier.Name, ForeignCopier.Name, MemberLoop.Group])
        {
            await LookAsync(name, async () => $"{await _client.Admin.DescribeGroupAsync(name)}");
            await LookAsync(name, async () =>
                string.Join("; ", (await _client.Admin.GetGroupLagAsync(name))?.Partitions ?? []));
        }

        return lines;

        async Task LookAsync(string what, Func<Task<string>> look)
        {
            try
            {
                lines.Add($"{what}: {await look()}");
            }
            catch (KafkaException fault)
            {
                lines.Add($"{what}: {fault.Message}");
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopSending.CancelAsync();
        await _stopReading.CancelAsync();
        await Task.WhenAll([.. _sending, .. _reading]);
        await _foreign.DisposeAsync();
        await _client.DisposeAsync();
        _stopSending.Dispose();
        _stopReading.Dispose();
    }

    private void Send(int key, Func<ISender> begin) =>
        _sending.Add(Task.Run(() => new SenderLoop(Recorder, key, begin).RunAsync(_stopSending.Token)));

    private ICopier NewCopier() => _copier = new ForeignCopier(_place, Topics.Foreign);

    private async Task<bool> HasNoLagAsync(string group)
    {
        try
        {
            return await _client.Admin.GetGroupLagAsync(group) is { Partitions.Count: Topics.Partitions } lag
                && lag.Partitions.All(static partition => partition.Lag == 0);
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    /// <summary>The offset of the last record of each partition, by a fresh reader of all that is there.</summary>
    private async Task<IReadOnlyList<long>> LastRecordsAsync()
    {
        var last = new long[Topics.Keys.Count];
        Array.Fill(last, -1);
        var process = Recorder.NewProcess();
        var assigned = Topics.Keys;
        await using var reader = _client.CreateRawReader(
            Topics.Keys.Select(static key => (Topics.PartitionOf(key), OffsetSpec.Earliest)),
            new ReaderOptions { OffsetReset = null });
        var began = Recorder.Now;
        await foreach (var piece in reader.ReadAllAsync(until: OffsetSpec.Latest))
        {
            var got = Pieces.Read(piece);
            if (got.Count == 0)
                continue;
            Recorder.Add(new(process, Checker.Outcome.Ok, began, Recorder.Now, [.. got.Select(Reads.Of)])
            {
                Assigns = assigned,
            });
            last[Topics.KeyOf(piece.Partition)] = got[^1].Offset;
            (began, assigned) = (Recorder.Now, null);
        }

        return last;
    }
}
