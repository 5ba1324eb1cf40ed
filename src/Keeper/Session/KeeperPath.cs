namespace Barnabas.Keeper;

/// <summary>Paths of nodes, as ZooKeeper allows them.</summary>
public static class KeeperPath
{
    /// <summary>True for an absolute path without empty, <c>.</c> or <c>..</c> parts, control characters, or a slash at
    /// its end; the root is one.</summary>
    public static bool IsValid(string path)
    {
        if (path == "/")
            return true;
        if (!path.StartsWith('/') || path.Any(IsForbidden))
            return false;
        return path[1..].Split('/').All(static part => part is not ("" or "." or ".."));
    }

    /// <summary>The path of the node above; the root's is empty.</summary>
    public static string Parent(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash > 0 ? path[..slash] : path.Length > 1 ? "/" : "";
    }

    /// <summary>The path of a child.</summary>
    public static string Child(string path, string name) => path == "/" ? $"/{name}" : $"{path}/{name}";

    /// <summary>The last part of a path.</summary>
    public static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    // As the server has it: control characters, surrogates' private neighbours and what is no character.
    private static bool IsForbidden(char c) =>
        c is <= '\u001f' or (>= '\u007f' and <= '\u009f') or (>= '\ue000' and <= '\uf8ff') or >= '\ufff0';
}
