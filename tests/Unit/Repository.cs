namespace Barnabas.Tests.Unit;

/// <summary>The working copy these tests were built from.</summary>
internal static class Repository
{
    /// <summary>Its root directory.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Barnabas.slnx")))
                return at.FullName;
        }

        throw new DirectoryNotFoundException("the tests do not run inside the repository");
    }
}
