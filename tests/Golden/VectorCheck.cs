using Barnabas.Wire;

namespace Barnabas.Tests.Golden;

/// <summary>Holds a message class against a sample, in both directions.</summary>
internal static class VectorCheck
{
    /// <summary>Fails with a line a fault, unless all the samples pass.</summary>
    public static void AllPass(IEnumerable<Vector> vectors)
    {
        var faults = vectors.SelectMany(Faults).ToList();
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static IEnumerable<string> Faults(Vector vector)
    {
        if (!MessageCodec.All.TryGetValue(vector.Schema, out var codec))
            return [$"{vector}: no such message"];
        try
        {
            return Compare(vector, codec).Select(fault => $"{vector}: {fault}");
        }
        catch (Exception fault) when (fault is MalformedFrameException or UnrepresentableFieldException)
        {
            return [$"{vector}: {fault.Message}"];
        }
    }

    private static List<string> Compare(Vector vector, MessageCodec codec)
    {
        var faults = new List<string>();
        var message = codec.Read(vector.Bytes, vector.Version, out var taken);
        if (taken != vector.Bytes.Length)
            faults.Add($"read {taken} of {vector.Bytes.Length} bytes");
        if (vector.Json is { } json)
            faults.AddRange(JsonValues.Differences(message, json));

        var written = MessageCodec.Write(message, vector.Version);
        var again = vector.Variant == "loose"
            ? MessageCodec.Write(codec.Read(written, vector.Version, out _), vector.Version)
            : vector.Bytes;
        if (!written.AsSpan().SequenceEqual(again))
            faults.Add($"wrote {Convert.ToHexStringLower(written)}, not {Convert.ToHexStringLower(again)}");
        return faults;
    }
}
