using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Node.Configuration;

/// <summary>Reads and checks what a node is given at its start: command line over environment over file over
/// what
/// <c>barnabas start</c> assumes without a file.</summary>
/// <remarks>Pure: the same inputs always come to the same. All faults are found, not only the
/// first.</remarks>
public sealed class ServerConfigLoader
{
    private const string NoFile = "the start without a config file";

    /// <summary>What is assumed of a node that is alone: what it keeps is kept once.</summary>
    private static readonly ConfigSetting[] Alone =
    [
        .. new[]
        {
            Names.OffsetsTopicReplicationFactor,
            Names.TransactionStateLogReplicationFactor,
            Names.TransactionStateLogMinIsr,
            Names.ShareCoordinatorStateTopicReplicationFactor,
            Names.ShareCoordinatorStateTopicMinIsr,
        }.Select(static key => new ConfigSetting(key, "1", NoFile)),
    ];

    private static readonly ConfigSetting[] WithoutFile =
        [new(Names.Listeners, "PLAINTEXT://127.0.0.1:9092", NoFile), .. Alone];

    private readonly ConfigInputs _inputs;
    private readonly SortedDictionary<string, ConfigSetting> _settings = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];
    private readonly List<string> _warnings = [];

    private ServerConfigLoader(ConfigInputs inputs) => _inputs = inputs;

    /// <summary>Reads the inputs.</summary>
    public static LoadedConfigs Load(ConfigInputs inputs) => new ServerConfigLoader(inputs).Load();

    private LoadedConfigs Load()
    {
        Gather();
        foreach (var setting in _settings.Values)
            CheckSetting(setting);
        WarnOfKeysWithoutEffect();
        if (_faults.Count > 0)
            return new(null, _faults, _warnings);

        var values = new ConfigValues(
            ConfigDefinitions.Broker, key => _settings.GetValueOrDefault(key)?.Value);
        var id = IdOf(values);
        foreach (var (key, message) in NodeRules.Check(values, id, IsSet))
            _faults.Add(Say(key, message));
        if (HttpAddress.FaultOf(values.Word(Names.BarnabasHttpListener)) is { } wrongAddress)
            _faults.Add(Say(Names.BarnabasHttpListener, wrongAddress));
        if (values.Word(Names.BarnabasOtlpEndpoint) is { Length: > 0 } collector && !IsHttp(collector))
            _faults.Add(Say(Names.BarnabasOtlpEndpoint, "it reads http://host:port or https://host:port"));
        if (BrokerRules.CheckTogether(values) is { } odd)
            _faults.Add(odd);
        var (listeners, fault) = new ListenerReader(values, IsSet, _inputs.HostName).Read();
        if (fault is not null)
            _faults.Add(Say(fault.Key, fault.Message));
        return listeners is null || _faults.Count > 0
            ? new(null, _faults, _warnings)
            : new(new(id, ValuesSet(), listeners), [], _warnings);
    }

    private void Gather()
    {
        if (_inputs.File is { } file)
            TakeFile(file);
        else
            Take(WithoutFile);

        var (settings, warnings) = EnvironmentKeys.Read(_inputs.Environment);
        Take(settings);
        _warnings.AddRange(warnings);
        foreach (var text in _inputs.Overrides)
        {
            var equals = text.IndexOf('=');
            if (equals > 0)
                Take([new(text[..equals].Trim(), text[(equals + 1)..], "--override")]);
            else
                _faults.Add($"--override {text}: it reads --override key=value");
        }

        if (!NodeRules.JoinsEnsemble(key => _settings.GetValueOrDefault(key)?.Value))
            return;
        foreach (var assumed in Alone.Where(assumed => _settings.GetValueOrDefault(assumed.Key) == assumed))
            _settings.Remove(assumed.Key);
    }

    private void TakeFile(ConfigFile file)
    {
        try
        {
            var lines = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var (key, value, line) in PropertiesFile.Parse(file.Text))
            {
                if (lines.TryGetValue(key, out var first))
                    _warnings.Add($"{file.Name}: {key} stands on lines {first} and {line}; the last one counts");
                lines[key] = line;
                Take([new(key, value, $"{file.Name} line {line}")]);
            }
        }
        catch (FormatException fault)
        {
            _faults.Add($"{file.Name} {fault.Message}");
        }
    }

    private void Take(IEnumerable<ConfigSetting> settings)
    {
        foreach (var setting in settings)
            _settings[setting.Key] = setting;
    }

    private void CheckSetting(ConfigSetting setting)
    {
        var (key, value, place) = setting;
        if (ConfigDefinitions.Broker.TryGetBound(key, out var definition))
        {
            if (definition.FaultOf(value) is { } fault)
                _faults.Add($"{place}: {fault}");
        }
        else if (OldKeys.Explain(key) is { } explanation)
        {
            _warnings.Add($"{place}: {key} has no effect: {explanation}");
        }
        else if (!ConfigTable.IsPluginName(key))
        {
            _warnings.Add($"{place}: {key} is no config{Hint(key)}");
        }
    }

    private static string Hint(string key)
    {
        if (ConfigDefinitions.Topic.TryGet(key, out var topic))
        {
            return topic.StandIns.Count > 0
                ? $" of a node but of topics; for all topics set {topic.StandIns[0].Name}"
                : " of a node but of topics";
        }

        return Suggestion.For(key) is { } near ? $"; did you mean {near}?" : " that is known here";
    }

    private void WarnOfKeysWithoutEffect()
    {
        var idle = _settings.Values
            .Where(s => s.Place != NoFile)
            .Where(IsIdle)
            .Select(s => s.Key)
            .ToList();
        if (idle.Count > 0)
            _warnings.Add($"accepted, but without effect in this version: {string.Join(", ", idle)}");
    }

    /// <summary>True of what changes nothing, unless it says what would be so without it.</summary>
    private static bool IsIdle(ConfigSetting setting)
    {
        if (!ConfigDefinitions.Broker.TryGetBound(setting.Key, out var definition))
            return ConfigTable.IsPluginName(setting.Key);
        return !definition.HasEffect
            && (definition.Default is not { } standard || definition.Canonical(setting.Value) != standard);
    }

    private static BrokerId IdOf(ConfigValues values)
    {
        var old = values.Whole(Names.BrokerId);
        return new(old >= 0 ? old : values.Whole(Names.NodeId));
    }

    private static bool IsHttp(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https");

    private bool IsSet(string key) => _settings.ContainsKey(key);

    private string Say(string key, string message)
    {
        if (!_settings.TryGetValue(key, out var setting))
            return $"{key}: {message}";
        var isSecret = ConfigDefinitions.Broker.TryGetBound(key, out var definition) && definition.IsSensitive;
        return $"{setting.Place}: Invalid value {(isSecret ? "[hidden]" : setting.Value)} for configuration {key}: "
            + message;
    }

    private PersistentMap<string, string> ValuesSet()
    {
        var edit = PersistentMap<string, string>.Empty(StringComparer.Ordinal).BeginEdit();
        foreach (var (key, setting) in _settings)
            edit.Set(key, setting.Value);
        return edit.Done();
    }
}
