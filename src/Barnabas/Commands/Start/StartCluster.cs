using System.Globalization;
using Barnabas.Base;
using Barnabas.Base.Real;
using Barnabas.Cli.Logging;
using Barnabas.Node;
using Barnabas.Node.Configuration;
using Microsoft.Extensions.Logging;

namespace Barnabas.Cli.Commands.Start;

/// <summary><c>barnabas start --brokers N</c>: a cluster in one process, to learn with. Brokers are killed, stopped and
/// started by what is typed.</summary>
internal sealed class StartCluster
{
    /// <summary>The most brokers one process may have.</summary>
    public const int Most = 9;

    private const int Failed = 1;
    private const int Usage = 2;
    private readonly LocalCluster _cluster;

    private StartCluster(LocalCluster cluster) => _cluster = cluster;

    /// <summary>Runs the cluster until it is told to stop.</summary>
    public static async Task<int> RunAsync(ClusterShape shape, ConfigInputs inputs, LogLevel level)
    {
        var loaded = shape.Load(inputs).ToList();
        StartCommand.Tell(loaded);
        if (loaded.Exists(broker => broker.Configs is null))
            return Usage;

        RealHost.InlineCompletions();
        var levels = new LogLevels(level);
        using var log = NodeLog.ToStderr(levels, StartCommand.LinesOf(loaded[0].Configs!));
        using var interrupts = new Interrupts();
        try
        {
            await using var cluster = await LocalCluster.StartAsync(
                RealHost.Create(log, levels), shape.Metadata, [.. loaded.Select(broker => broker.Configs!)], Halted);
            var start = new StartCluster(cluster);
            start.Greet(shape);
            await start.ObeyAsync(interrupts.Token);
            return 0;
        }
        catch (IOException fault)
        {
            await Console.Error.WriteLineAsync($"barnabas: {fault.Message}");
            return Failed;
        }
    }

    private static void Halted(BrokerId broker, Exception fault) =>
        Console.Error.WriteLine($"barnabas: broker {broker} can go on no longer: {fault.Message}");

    private void Greet(ClusterShape shape)
    {
        Console.WriteLine($"A cluster of {shape.Brokers} brokers is ready, data in {shape.Data}");
        List();
        Console.WriteLine();
        Console.WriteLine("Type here: kill N, stop N, start N, list, quit. Try next, in another terminal:");
        Console.WriteLine("  ./barnabas topic create orders -p 3");
        Console.WriteLine("  ./barnabas topic describe orders");
    }

    private async Task ObeyAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            string? line;
            try
            {
                line = await ReadLineAsync().WaitAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (line is null)
            {
                // Nobody types: it runs until a signal comes.
                await Task.Delay(Timeout.Infinite, stop).ContinueWith(
                    static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                return;
            }

            if (!await ObeyAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
                return;
        }
    }

    // The console blocks whoever reads it, however it is asked, and a thread of the pool would be missed.
    private static Task<string?> ReadLineAsync() => Task.Factory.StartNew(
        Console.ReadLine, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Does what a line says; false to stop the cluster.</summary>
    private async Task<bool> ObeyAsync(string[] words)
    {
        switch (words)
        {
            case []:
                break;
            case ["quit"] or ["exit"]:
                return false;
            case ["list"]:
                List();
                break;
            case ["kill" or "stop" or "start", var number] when Broker(number) is { } broker:
                await DoAsync(words[0], broker);
                break;
            default:
                Console.WriteLine("kill N   ends broker N at once, as kill -9 would");
                Console.WriteLine("stop N   stops it in good order: others lead before it goes");
                Console.WriteLine("start N  starts it again");
                Console.WriteLine("list     shows which run, and which is the controller");
                Console.WriteLine("quit     stops them all");
                break;
        }

        return true;
    }

    private async Task DoAsync(string what, BrokerId broker)
    {
        if (_cluster.Running.ContainsKey(broker) == (what == "start"))
        {
            Console.WriteLine($"broker {broker} {(what == "start" ? "runs" : "does not run")}");
            return;
        }

        try
        {
            await (what switch
            {
                "kill" => _cluster.KillAsync(broker),
                "stop" => _cluster.StopAsync(broker),
                _ => _cluster.StartAsync(broker),
            });
            Console.WriteLine(what switch
            {
                "kill" => $"broker {broker} is dead",
                "stop" => $"broker {broker} has stopped",
                _ => $"broker {broker} is back",
            });
        }
        catch (IOException fault)
        {
            Console.WriteLine($"broker {broker}: {fault.Message}");
        }
    }

    private BrokerId? Broker(string number) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && _cluster.Ids.Contains(new BrokerId(id))
            ? new BrokerId(id)
            : null;

    private void List()
    {
        foreach (var id in _cluster.Ids)
        {
            var role = _cluster.Controller == id ? ", the controller" : "";
            Console.WriteLine(_cluster.Running.TryGetValue(id, out var node)
                ? $"  broker {id} at {string.Join(", ", node.EndPoints)}{role}"
                : $"  broker {id} does not run");
        }
    }
}
