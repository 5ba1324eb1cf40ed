namespace Barnabas.Keeper;

/// <summary>The node that stands for the root of a client.</summary>
/// <param name="Prefix">Its path; empty for the root itself.</param>
internal readonly record struct Chroot(string Prefix)
{
    /// <summary>The path as the server knows it.</summary>
    public string Whole(string path) => Prefix.Length == 0 ? path : path == "/" ? Prefix : Prefix + path;

    /// <summary>The path as the client knows it.</summary>
    public string Strip(string path)
    {
        if (Prefix.Length == 0 || !path.StartsWith(Prefix, StringComparison.Ordinal))
            return path;
        return path.Length == Prefix.Length ? "/" : path[Prefix.Length..];
    }
}
