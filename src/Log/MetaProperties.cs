using System.Globalization;
using System.Text;
using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>Whose a log directory is: the content of <c>meta.properties</c>.</summary>
/// <param name="ClusterId">The cluster's id.</param>
/// <param name="NodeId">The node's id.</param>
/// <param name="DirectoryId">The directory's own id (KIP-858); null where an old version wrote the file.</param>
public sealed record MetaProperties(string ClusterId, BrokerId NodeId, Uuid? DirectoryId)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "meta.properties";

    /// <summary>The file's text: Java properties, version 1.</summary>
    public string Format()
    {
        var text = new StringBuilder();
        text.Append("#\n");
        text.Append(CultureInfo.InvariantCulture, $"node.id={NodeId}\n");
        if (DirectoryId is { } id)
            text.Append(CultureInfo.InvariantCulture, $"directory.id={id}\n");
        text.Append("version=1\n");
        text.Append(CultureInfo.InvariantCulture, $"cluster.id={ClusterId}\n");
        return text.ToString();
    }

    /// <summary>Reads the file's text.</summary>
    /// <returns>The identity; null where the text is damaged or of a version this program does not know.</returns>
    public static MetaProperties? TryParse(string text)
    {
        var values = new Dictionary<string, string>();
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.Trim();
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (line.Length == 0 || line[0] is '#' or '!')
                continue;
            if (equals < 0)
                return null;
            values[line[..equals].TrimEnd()] = line[(equals + 1)..].TrimStart();
        }

        var version = values.GetValueOrDefault("version");
        var node = values.GetValueOrDefault(version == "0" ? "broker.id" : "node.id");
        if (version is not ("0" or "1") || !values.TryGetValue("cluster.id", out var cluster) || cluster.Length == 0)
            return null;
        if (!int.TryParse(node, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return null;
        if (!values.TryGetValue("directory.id", out var directory))
            return new(cluster, new BrokerId(id), null);
        return Uuid.TryParse(directory, out var uuid) ? new(cluster, new BrokerId(id), uuid) : null;
    }
}
