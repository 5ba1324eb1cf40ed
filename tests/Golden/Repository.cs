namespace Barnabas.Tests.Golden;

/// <summary>Where the repository's files lie, and the reference data beside it.</summary>
internal static class Repository
{
    /// <summary>The directory of the solution file.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The directory of the repository's own samples.</summary>
    public static string Vectors => Path.Combine(Root, "tests", "Golden", "vectors");

    /// <summary>A file of the reference data; null where this machine has none.</summary>
    /// <remarks>They are looked for in the directory BARNABAS_PROTOCOL names, else beside the repository.</remarks>
    public static string? Reference(params string[] path)
    {
        var named = Environment.GetEnvironmentVariable("BARNABAS_PROTOCOL");
        var at = string.IsNullOrEmpty(named) ? Path.Combine(Root, "..", "shared", "protocol") : named;
        var file = Path.Combine([at, .. path]);
        return File.Exists(file) ? file : null;
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
