using System.Globalization;
using System.Text.Json;

namespace Barnabas.Tests.Golden;

/// <summary>One encoded sample of a message.</summary>
/// <param name="Source">The file it stands in, without extension: the encoder or client that made it.</param>
/// <param name="Line">Its line there.</param>
/// <param name="Schema">The message's class.</param>
/// <param name="Version">The version it is encoded in.</param>
/// <param name="Variant">What is special about it. <c>loose</c>: a client's bytes are valid but not those we would
/// write (a tag at its default, say), so only the values must survive a round trip.</param>
/// <param name="Json">The values; null where the file has <c>-</c>.</param>
/// <param name="Bytes">The encoded message, without header or size.</param>
internal sealed record Vector(
    string Source, int Line, string Schema, short Version, string Variant, JsonElement? Json, byte[] Bytes)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Source}:{Line} {Schema} v{Version} {Variant}";
}

/// <summary>Files of samples: lines of name, version, variant, json, hex, separated by tabs, below a heading.</summary>
internal static class VectorFile
{
    /// <summary>Reads one file.</summary>
    public static List<Vector> Read(string path)
    {
        var source = Path.GetFileNameWithoutExtension(path);
        var vectors = new List<Vector>();
        var number = 1;
        foreach (var line in File.ReadLines(path).Skip(1))
        {
            number++;
            if (line.Split('\t') is not [var name, var version, var variant, var json, var hex])
                throw new InvalidDataException($"{path}:{number}: five columns are wanted");
            vectors.Add(new Vector(
                source, number, name, short.Parse(version, CultureInfo.InvariantCulture), variant,
                json == "-" ? null : JsonDocument.Parse(json).RootElement, Convert.FromHexString(hex)));
        }

        return vectors;
    }

    /// <summary>All files of a directory, in the order of their names.</summary>
    public static List<Vector> ReadAll(string directory) =>
        [.. Directory.GetFiles(directory, "*.tsv").Order(StringComparer.Ordinal).SelectMany(Read)];
}
