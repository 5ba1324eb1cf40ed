namespace Barnabas.Tests.Nemesis;

/// <summary>Where the sources and what was built from them are.</summary>
internal static class Repository
{
    /// <summary>The directory of the sources.</summary>
    public static string Root { get; } = Find();

    /// <summary>How this program was built, as its directory is called: release or debug.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Name;

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Barnabas.slnx")))
            directory = directory.Parent ?? throw new InvalidOperationException("this is not run from its repository");
        return directory.FullName;
    }
}
