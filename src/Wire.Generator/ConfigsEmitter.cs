namespace Barnabas.Wire.Generator;

/// <summary>Writes the tables of configs and the constants for their names.</summary>
internal static class ConfigsEmitter
{
    public static void Emit(List<ConfigLine> configs, CodeWriter o)
    {
        foreach (var kind in configs.GroupBy(c => c.Kind))
            EmitNames(kind.Key, [.. kind], o);

        o.Summary("Every config there is, by whose it is");
        o.Block("public static class ConfigDefinitions", () =>
        {
            foreach (var kind in configs.GroupBy(c => c.Kind))
                EmitTable(kind.Key, [.. kind], o);
        });
    }

    private static void EmitNames(string kind, List<ConfigLine> configs, CodeWriter o)
    {
        o.Summary($"The names of {kind} configs");
        o.Block($"public static class {ConfigLine.Pascal(kind)}ConfigNames", () =>
        {
            foreach (var config in configs)
            {
                o.Summary(config.Line.Comment);
                o.Line($"public const string {config.Identifier} = {Quoted(config.Name)};");
            }
        });
    }

    private static void EmitTable(string kind, List<ConfigLine> configs, CodeWriter o)
    {
        o.Summary($"The {kind} configs");
        o.Line($"public static ConfigTable {ConfigLine.Pascal(kind)} {{ get; }} = new(");
        o.Line("[");
        foreach (var config in configs)
            EmitDefinition(config, o);
        o.Line("]);");
    }

    private static void EmitDefinition(ConfigLine config, CodeWriter o)
    {
        var type = "ConfigType." + ConfigLine.Pascal(config.Type);
        var meaning = Quoted(Sentence(config.Line.Comment));
        var value = config.Default is null ? "null" : Quoted(config.Default);
        o.Line($"    new({Quoted(config.Name)}, {type}, {value}, {meaning})");
        o.Line("    {");
        if (config.IsRequired)
            o.Line("        IsRequired = true,");
        if (config.Limit is not null)
            o.Line($"        Limits = {Limits(config.Limit)},");
        if (config.Importance != "medium")
            o.Line($"        Importance = ConfigImportance.{ConfigLine.Pascal(config.Importance)},");
        if (config.UpdateMode != "read-only")
            o.Line($"        UpdateMode = ConfigUpdateMode.{ConfigLine.Pascal(config.UpdateMode)},");
        if (config.From.Count > 0)
        {
            var standIns = config.From.Select(f => $"new({Quoted(f.Key)}, {f.Value})");
            o.Line($"        StandIns = [{string.Join(", ", standIns)}],");
        }

        if (config.IsInternal)
            o.Line("        IsInternal = true,");
        if (config.IsInert)
            o.Line("        HasEffect = false,");
        o.Line("    },");
    }

    private static string Limits(ConfigLimit limit)
    {
        if (limit.Words is not null)
        {
            var words = string.Join(", ", limit.Words.Select(Quoted));
            return $"ConfigLimits.OneOf([{words}], anyCase: {(limit.AnyCase ? "true" : "false")})";
        }

        if (limit.NotEmpty)
            return "ConfigLimits.NotEmpty";
        if (limit.Replicas)
            return "ConfigLimits.ThrottledReplicas";
        return $"ConfigLimits.Range({Number(limit.Min)}, {Number(limit.Max)}, {Number(limit.Beside)})";
    }

    private static string Number(string? text) => text is null ? "null" : text + "m";

    private static string Sentence(string about)
    {
        var text = char.ToUpperInvariant(about[0]) + about.Substring(1);
        return text.EndsWith(".", StringComparison.Ordinal) ? text : text + ".";
    }

    private static string Quoted(string text) =>
        "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";
}
