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
    private static readonly ConfigSetting[] WithoutFile =
    [
        .. new (string Key, string Value)[]
        {
            (Names.Listeners, "PLAINTEXT://127.0.0.1:9092"),
            (Names.OffsetsTopicReplicationFactor, "1"),
            (Names.TransactionStateLogReplicationFactor, "1"),
            (Names.TransactionStateLogMinIsr, "1"),
            (Names.ShareCoordinatorStateTopicReplicationFactor, "1"),
            (Names.ShareCoordinatorStateTopicMinIsr, "1"),
        }.Select(s => new ConfigSetting(s.Key, s.Value, "the start without a config file")),
    ];

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

        var values = new ConfigValues(ConfigDefinitions.Broker, key => _settings.GetValueOrDefault(key)?.Value);
        var id = IdOf(values);
        foreach (var (key, message) in SoloRules.Check(values, id, IsSet))
            _faults.Add(Say(key, message));
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
    }

    private void TakeFile(ConfigFile file)
    {
        try
        {
            var lines = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var (key, value, line) in PropertiesFile.Parse(file.Text))
            {
                if (lines.TryGetValue(key, out var before))
                    _warnings.Add($"{file.Name}: {key} stands on line {before} and on line {line}; the last one counts");
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
            .Where(s => s.Place != WithoutFile[0].Place)
            .Where(s => ConfigTable.IsPluginName(s.Key)
                || (ConfigDefinitions.Broker.TryGetBound(s.Key, out var d) && !d.HasEffect && !IsAtDefault(d, s)))
            .Select(s => s.Key)
            .ToList();
        if (idle.Count > 0)
            _warnings.Add($"these configs are accepted, but have no effect in this version: {string.Join(", ", idle)}");
    }

    private static bool IsAtDefault(ConfigDefinition definition, ConfigSetting setting) =>
        definition.Default is { } standard && definition.Canonical(setting.Value) == definition.Canonical(standard);

    private static BrokerId IdOf(ConfigValues values)
    {
        var old = values.Whole(Names.BrokerId);
        return new(old >= 0 ? old : values.Whole(Names.NodeId));
    }

    private bool IsSet(string key) => _settings.ContainsKey(key);

    private string Say(string key, string message) => _settings.TryGetValue(key, out var setting)
        ? $"{setting.Place}: Invalid value {setting.Value} for configuration {key}: {message}"
        : $"{key}: {message}";

    private PersistentMap<string, string> ValuesSet()
    {
        var edit = PersistentMap<string, string>.Empty(StringComparer.Ordinal).BeginEdit();
        foreach (var (key, setting) in _settings)
            edit.Set(key, setting.Value);
        return edit.Done();
    }
}
