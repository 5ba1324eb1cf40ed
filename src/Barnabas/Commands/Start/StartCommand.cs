using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using Barnabas.Base;
using Barnabas.Base.Real;
using Barnabas.Cli.Logging;
using Barnabas.Cli.Observation;
using Barnabas.Cluster.Configs;
using Barnabas.Node;
using Barnabas.Node.Configuration;
using Microsoft.Extensions.Logging;

namespace Barnabas.Cli.Commands.Start;

/// <summary><c>barnabas start</c>: runs a node until it is told to stop.</summary>
internal static partial class StartCommand
{
    private const int Failed = 1;
    private const int Usage = 2;

    // By then the runtime has done again what it did in haste, and the first checkpoint is written.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(6);

    /// <summary>The command with its options.</summary>
    public static Command Build()
    {
        var config = NodeInputs.Config(
            "a server.properties with Kafka's keys (without it: 127.0.0.1:9092, data in ./barnabas-data)");
        var overrides = NodeInputs.Overrides();
        var data = NodeInputs.Data();
        var listen = new Option<string?>("--listen")
        {
            Description = "where to listen (listeners), without TLS: 9092 on this machine alone, or HOST:PORT",
            HelpName = "ADDRESS",
        };
        var level = new Option<LogLevel>("--log-level")
        {
            Description = $"what to say on stderr: {string.Join(", ", LogLevelNames.All)}",
            HelpName = "LEVEL",
            DefaultValueFactory = _ => LogLevel.Information,
            CustomParser = ParseLevel,
        };
        var format = new Option<string?>("--log-format")
        {
            Description = "how to say it: text, or json, one object a line (barnabas.log.format)",
            HelpName = "FORMAT",
        };
        var brokers = new Option<int?>("--brokers")
        {
            Description = "a whole cluster in this process, to learn with: brokers 1 to N, at ports that follow each "
                + "other; type help there",
            HelpName = "N",
        };
        var command = new Command("start", "run a broker until it is told to stop (Ctrl-C or SIGTERM)")
        {
            config, overrides, data, listen, level, format, brokers,
        };
        command.Validators.Add(given =>
        {
            if (given.GetValue(brokers) is not { } count)
                return;
            if (count is < 1 or > StartCluster.Most)
                given.AddError($"--brokers takes a number from 1 to {StartCluster.Most}");
            if (given.GetValue(config) is not null)
                given.AddError("--brokers gives each broker configs of its own, and goes without --config");
        });
        command.SetAction((parsed, _) => RunAsync(new StartOptions(
            parsed.GetValue(config),
            [
                .. parsed.GetValue(overrides) ?? [],
                .. NodeInputs.Override(BrokerConfigNames.LogDirs, parsed.GetValue(data)),
                .. NodeInputs.Override(BrokerConfigNames.BarnabasLogFormat, parsed.GetValue(format)),
                .. NodeInputs.Override(BrokerConfigNames.Listeners, Listener(parsed.GetValue(listen))),
            ],
            parsed.GetValue(level),
            parsed.GetValue(brokers) is { } count
                ? new ClusterShape(count, parsed.GetValue(data) ?? "barnabas-data", parsed.GetValue(listen))
                : null)));
        return command.With(
            "barnabas start", "barnabas start --listen 19092 --data /tmp/kafka",
            "barnabas start --config server.properties --override log.retention.hours=24",
            "barnabas start --brokers 3");
    }

    private static LogLevel ParseLevel(ArgumentResult given)
    {
        if (LogLevelNames.TryParse(given.Tokens[0].Value, out var level))
            return level;
        given.AddError($"there is no level {given.Tokens[0].Value}; there are {string.Join(", ", LogLevelNames.All)}");
        return default;
    }

    private static async Task<int> RunAsync(StartOptions options)
    {
        if (options.Config is { Exists: false })
        {
            await Console.Error.WriteLineAsync($"barnabas: there is no file {options.Config.FullName}");
            return Usage;
        }

        if (options.Cluster is { } shape)
            return await StartCluster.RunAsync(shape, Inputs(options), options.Level);
        var loaded = ServerConfigLoader.Load(Inputs(options));
        Tell([loaded]);
        return loaded.Configs is { } configs ? await ServeAsync(configs, options) : Usage;
    }

    /// <summary>Says what is wrong with configs, and what is odd about them; once what several brokers share.</summary>
    internal static void Tell(IReadOnlyCollection<LoadedConfigs> loaded)
    {
        foreach (var warning in loaded.SelectMany(broker => broker.Warnings).Distinct())
            Console.Error.WriteLine($"barnabas: warning: {warning}");
        foreach (var fault in loaded.SelectMany(broker => broker.Faults).Select(fault => $"{fault}").Distinct())
            Console.Error.WriteLine($"barnabas: {fault}");
    }

    /// <summary>How lines of the log look.</summary>
    internal static ILineFormat LinesOf(ServerConfigs configs)
    {
        var format = new EffectiveConfigs(configs).Broker(StoredConfigs.Empty).LogFormat;
        return format == "json" ? new JsonLines() : new TextLines();
    }

    private static ConfigInputs Inputs(StartOptions options) => NodeInputs.Of(options.Config, options.Overrides);

    // What the start alone needed: objects by the partition, pages of the program. A node that has little to do would
    // keep them for hours.
    private static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        ProgramPages.GiveBack();
    }

    private static async Task<int> ServeAsync(ServerConfigs configs, StartOptions options)
    {
        RealHost.InlineCompletions();
        var levels = new LogLevels(options.Level);
        using var log = NodeLog.ToStderr(levels, LinesOf(configs));
        var ended = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            var node = await BrokerNode.StartAsync(RealHost.Create(log, levels), configs, Halt);
            using var publication = new Publication(node, configs);
            Welcome.Print(node, configs);
            using var settled = TimeProvider.System.CreateTimer(
                static _ => GiveBack(), null, Settling, Timeout.InfiniteTimeSpan);
            var outcome = await ended.Task;
            // What failed is not closed: the next start finds it as a crash would leave it.
            if (outcome == 0)
                await node.DisposeAsync();
            return outcome;
        }
        catch (IOException fault)
        {
            await Console.Error.WriteLineAsync($"barnabas: {fault.Message}");
            return Failed;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            ended.TrySetResult(0);
        }

        void Halt(Exception fault)
        {
            SayHalted(log.CreateLogger("Barnabas.Node"), fault);
            ended.TrySetResult(Failed);
        }
    }

    [LoggerMessage(LogLevel.Critical, "The node cannot go on")]
    private static partial void SayHalted(ILogger log, Exception fault);

    private static string? Listener(string? address) => address switch
    {
        null => null,
        _ when address.Contains(':', StringComparison.Ordinal) => $"PLAINTEXT://{address}",
        var port => $"PLAINTEXT://127.0.0.1:{port}",
    };

    private sealed record StartOptions(
        FileInfo? Config, string[] Overrides, LogLevel Level, ClusterShape? Cluster);
}
