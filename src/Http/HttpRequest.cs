using System.Text;

namespace Barnabas.Http;

/// <summary>A request without a body (RFC 9112).</summary>
/// <param name="Method">GET or HEAD, or another that will be refused.</param>
/// <param name="Path">The target without its query, as it came.</param>
/// <param name="Query">What stands behind the question mark; empty where there is none.</param>
/// <param name="KeepsAlive">True when the client may send another request by the same connection.</param>
public sealed record HttpRequest(string Method, string Path, string Query, bool KeepsAlive)
{
    /// <summary>The length of the head in bytes, its empty line included; -1 while that has not come.</summary>
    internal static int LengthOf(ReadOnlySpan<byte> bytes)
    {
        for (var from = 0; ;)
        {
            var end = bytes[from..].IndexOf((byte)'\n');
            if (end < 0)
                return -1;
            from += end + 1;
            if (bytes[from..].StartsWith("\r\n"u8))
                return from + 2;
            if (bytes[from..].StartsWith("\n"u8))
                return from + 1;
        }
    }

    /// <summary>Reads a head.</summary>
    /// <returns>The request; or the status it is refused with.</returns>
    internal static (HttpRequest? Request, int Refusal) Parse(ReadOnlySpan<byte> head)
    {
        foreach (var sign in head)
        {
            if (sign is >= 0x7f or (< 0x20 and not ((byte)'\r' or (byte)'\n' or (byte)'\t')))
                return (null, 400);
        }

        var lines = Encoding.ASCII.GetString(head).Split('\n');
        var words = lines[0].TrimEnd('\r').Split(' ');
        if (words is not [{ Length: > 0 } method, ['/', ..] target, ['H', 'T', 'T', 'P', '/', ..] version])
            return (null, 400);
        if (version is not ("HTTP/1.1" or "HTTP/1.0"))
            return (null, 505);

        var headers = new HeadersSeen(keepsAlive: version == "HTTP/1.1");
        foreach (var line in lines.AsSpan(1))
        {
            if (line.TrimEnd('\r') is { Length: > 0 } header && !headers.Take(header))
                return (null, 400);
        }

        if (version == "HTTP/1.1" && headers.Hosts != 1)
            return (null, 400);
        if (headers.HasBody)
            return (null, 413);
        var query = target.IndexOf('?');
        return query < 0
            ? (new HttpRequest(method, target, "", headers.KeepsAlive), 0)
            : (new HttpRequest(method, target[..query], target[(query + 1)..], headers.KeepsAlive), 0);
    }

    /// <summary>What of the headers matters here.</summary>
    private sealed class HeadersSeen(bool keepsAlive)
    {
        public bool KeepsAlive { get; private set; } = keepsAlive;

        public int Hosts { get; private set; }

        public bool HasBody { get; private set; }

        /// <summary>Takes a line note of; false when it is no header.</summary>
        public bool Take(string line)
        {
            var colon = line.IndexOf(':');
            // A blank before the colon, or a line folded into the next, is how requests are smuggled.
            if (colon <= 0 || line.AsSpan(0, colon).ContainsAny(' ', '\t'))
                return false;
            var value = line[(colon + 1)..].Trim();
            switch (line[..colon].ToLowerInvariant())
            {
                case "host":
                    Hosts++;
                    break;
                case "connection" when value.Contains("close", StringComparison.OrdinalIgnoreCase):
                    KeepsAlive = false;
                    break;
                case "connection" when value.Contains("keep-alive", StringComparison.OrdinalIgnoreCase):
                    KeepsAlive = true;
                    break;
                case "content-length" when value != "0":
                case "transfer-encoding":
                    HasBody = true;
                    break;
                default:
                    break;
            }

            return true;
        }
    }
}
