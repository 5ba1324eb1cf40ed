namespace Barnabas.Tests.Tidy;

/// <summary>The repository's files.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = ["artifacts", "bin", "obj", "node_modules", ".git", "barnabas-data"];

    /// <summary>The directory of the solution file.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Files below <paramref name="folder"/> with one of the endings: paths from the root, sorted.</summary>
    public static IEnumerable<string> Files(string folder, params string[] endings)
    {
        var at = Path.Combine(Root, folder);
        return Directory.Exists(at) ? Below(at).Order(StringComparer.Ordinal).Where(EndsRight) : [];

        bool EndsRight(string path) => endings.Any(e => path.EndsWith(e, StringComparison.Ordinal));
    }

    /// <summary>The text of a file, given its path from the root.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>The lines of a file with their numbers, from 1.</summary>
    public static IEnumerable<(int Number, string Text)> Lines(string path) =>
        Read(path).Split('\n').Select((text, i) => (i + 1, text));

    private static IEnumerable<string> Below(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(directory))
            yield return Path.GetRelativePath(Root, file).Replace('\\', '/');
        foreach (var child in Directory.EnumerateDirectories(directory))
        {
            if (NotOurs.Contains(Path.GetFileName(child)))
                continue;
            foreach (var file in Below(child))
                yield return file;
        }
    }

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Barnabas.slnx")))
                return at.FullName;
        }

        throw new InvalidOperationException($"no Barnabas.slnx above {AppContext.BaseDirectory}");
    }
}
