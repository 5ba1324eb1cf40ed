using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli;

/// <summary>A command's hold on the cluster: its client, made of the options, and what to say about it.</summary>
internal sealed class Session : IAsyncDisposable
{
    private Session(ParseResult parsed, KafkaClient client, IReadOnlyDictionary<string, string> properties) =>
        (Parsed, Client, Properties) = (parsed, client, properties);

    /// <summary>The command line.</summary>
    public ParseResult Parsed { get; }

    /// <summary>The client.</summary>
    public KafkaClient Client { get; }

    /// <summary>The properties given on the command line and in files.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>True unless fewer words were asked for.</summary>
    public bool Talks => !Parsed.GetValue(GlobalOptions.Quiet);

    /// <summary>True when more words were asked for.</summary>
    public bool IsVerbose => Parsed.GetValue(GlobalOptions.Verbose);

    /// <summary>Reaches for the cluster.</summary>
    /// <exception cref="BrokersUnreachableException">Nobody answers.</exception>
    public static async Task<Session> OpenAsync(
        ParseResult parsed, CancellationToken stop, bool mayCreateTopics = false)
    {
        var properties = ReadProperties(parsed);
        var timeout = parsed.GetValue(GlobalOptions.Wait);
        var options = new KafkaClientOptions
        {
            BootstrapServers = parsed.GetValue(GlobalOptions.BootstrapServer)!.Split(','),
            ClientId = "barnabas-cli",
            ApiTimeout = timeout,
            RequestTimeout = timeout,
            SetupTimeout = timeout,
            AllowAutoCreateTopics = mayCreateTopics,
            LoggerFactory = parsed.GetValue(GlobalOptions.Verbose) ? new StdErrLoggerFactory() : null,
        }.With(properties);
        if (IsGiven(parsed, GlobalOptions.BootstrapServer))
            options = options with { BootstrapServers = parsed.GetValue(GlobalOptions.BootstrapServer)!.Split(',') };
        var session = new Session(parsed, new KafkaClient(options), properties);
        try
        {
            await session.Client.ConnectAsync(stop);
        }
        catch (KafkaException)
        {
            await session.DisposeAsync();
            throw;
        }

        return session;
    }

    /// <summary>A topic that must exist.</summary>
    /// <exception cref="CliException">It does not; near names are suggested.</exception>
    public async Task<TopicView> TopicAsync(string name, CancellationToken stop)
    {
        try
        {
            return await Client.GetTopicAsync(name, stop);
        }
        catch (KafkaException fault) when (fault.Code is ErrorCode.UnknownTopicOrPartition)
        {
            throw await AbsentAsync(name, stop);
        }
    }

    /// <summary>The error of a topic that does not exist.</summary>
    public async Task<CliException> AbsentAsync(string name, CancellationToken stop)
    {
        var all = await Client.Admin.ListTopicsAsync(stop);
        var hint = Suggestions.For(name, all.Select(t => t.Name));
        return new CliException(ExitCode.NotFound, $"topic '{name}' does not exist{hint}");
    }

    /// <summary>Says something on stderr, unless fewer words were asked for.</summary>
    public void Say(string message)
    {
        if (Talks)
            Console.Error.WriteLine(message);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Client.DisposeAsync();

    private static bool IsGiven(ParseResult parsed, Option option) =>
        parsed.GetResult(option) is { Implicit: false };

    private static Dictionary<string, string> ReadProperties(ParseResult parsed)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        if (parsed.GetValue(GlobalOptions.CommandConfig) is { } file)
        {
            foreach (var (key, value) in PropertiesText.Parse(File.ReadAllText(file)))
                properties[key] = value;
        }

        foreach (var pair in parsed.GetValue(GlobalOptions.Properties) ?? [])
        {
            var (key, value) = KeyValue.Split(pair);
            properties[key] = value;
        }

        foreach (var key in properties.Keys.Where(k => !KafkaClientOptions.IsKnownProperty(k)))
            Console.Error.WriteLine($"barnabas: warning: property '{key}' is not known here and has no effect");
        return properties;
    }
}
