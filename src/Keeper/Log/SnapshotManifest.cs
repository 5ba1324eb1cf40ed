using System.Globalization;
using System.Text;
using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>What the node of a snapshot holds once all of it is there: in words, for whoever looks.</summary>
/// <param name="End">The offset after the last record it stands for.</param>
/// <param name="Epoch">That record's epoch.</param>
/// <param name="Timestamp">When that record was appended, in ms since 1970.</param>
/// <param name="Chunks">How many chunks there are.</param>
/// <param name="Bytes">The bytes of all chunks.</param>
internal readonly record struct SnapshotManifest(long End, int Epoch, long Timestamp, int Chunks, long Bytes)
{
    private const string Head = "snapshot 1";

    public ReadOnlyMemory<byte> ToBytes() => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{Head} {End} {Epoch} {Timestamp} {Chunks} {Bytes}"));

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="MalformedFrameException">It is none of ours, or of a later format.</exception>
    public static SnapshotManifest Read(ReadOnlyMemory<byte> bytes)
    {
        var text = Encoding.ASCII.GetString(bytes.Span);
        var words = text.Split(' ');
        if (words.Length == 7 && text.StartsWith(Head, StringComparison.Ordinal)
            && long.TryParse(words[2], CultureInfo.InvariantCulture, out var end)
            && int.TryParse(words[3], CultureInfo.InvariantCulture, out var epoch)
            && long.TryParse(words[4], CultureInfo.InvariantCulture, out var timestamp)
            && int.TryParse(words[5], CultureInfo.InvariantCulture, out var chunks)
            && long.TryParse(words[6], CultureInfo.InvariantCulture, out var size))
        {
            return new SnapshotManifest(end, epoch, timestamp, chunks, size);
        }

        throw new MalformedFrameException($"'{text}' is no manifest of a snapshot");
    }
}
