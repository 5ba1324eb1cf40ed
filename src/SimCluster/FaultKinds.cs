namespace Barnabas.SimCluster;

/// <summary>The names of <see cref="FaultKind"/>, as they are typed.</summary>
public static class FaultKinds
{
    /// <summary>All kinds with their names.</summary>
    public static IReadOnlyList<(string Name, FaultKind Kind)> All { get; } =
    [
        ("kill", FaultKind.Kill),
        ("power", FaultKind.Power),
        ("stop", FaultKind.Stop),
        ("pause", FaultKind.Pause),
        ("cut", FaultKind.Cut),
        ("one-way", FaultKind.OneWay),
        ("split", FaultKind.Split),
        ("keeper", FaultKind.Keeper),
        ("session", FaultKind.Session),
        ("slow", FaultKind.Slow),
        ("reset", FaultKind.Reset),
        ("slow-disk", FaultKind.SlowDisk),
        ("bad-disk", FaultKind.BadDisk),
        ("full-disk", FaultKind.FullDisk),
        ("clock", FaultKind.Clock),
    ];

    /// <summary>The name of a kind.</summary>
    public static string NameOf(FaultKind kind) => All.First(one => one.Kind == kind).Name;

    /// <summary>Reads names, separated by commas; <c>all</c> and <c>none</c> are understood too.</summary>
    /// <param name="text">The names.</param>
    /// <param name="kinds">The kinds, each once, in the order of <see cref="All"/>.</param>
    /// <returns>Null; or the name that is none.</returns>
    public static string? Read(string text, out IReadOnlyList<FaultKind> kinds)
    {
        var names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        kinds = [.. All.Where(one => names.Contains("all") || names.Contains(one.Name)).Select(static one => one.Kind)];
        return names.FirstOrDefault(
            static name => name is not ("all" or "none") && All.All(one => one.Name != name));
    }
}
