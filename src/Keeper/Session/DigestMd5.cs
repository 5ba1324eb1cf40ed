using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Barnabas.Keeper;

/// <summary>The client's side of SASL DIGEST-MD5 (RFC 2831), authentication alone.</summary>
/// <param name="login">The user.</param>
/// <param name="service">The service's name.</param>
/// <param name="host">The server's name, as the servers are configured.</param>
/// <param name="clientNonce">What the client has chosen by chance.</param>
[SuppressMessage("Security", "CA5351", Justification = "The mechanism is what ZooKeeper's servers speak.")]
internal sealed class DigestMd5(DigestLogin login, string service, string host, string clientNonce)
{
    private const string Count = "00000001";
    private string? _expected;

    /// <summary>Answers a token of the server's.</summary>
    /// <param name="token">The challenge, or at the end the proof that the server knows the password too.</param>
    /// <param name="answer">What to send; null when the exchange is over.</param>
    /// <returns>False where the server is not to be trusted.</returns>
    public bool TryAnswer(ReadOnlySpan<byte> token, out ReadOnlyMemory<byte>? answer)
    {
        answer = null;
        var given = Parse(Encoding.UTF8.GetString(token));
        if (_expected is { } expected)
            return given.TryGetValue("rspauth", out var proof) && proof == expected;
        if (!given.TryGetValue("nonce", out var nonce))
            return false;
        var realm = given.GetValueOrDefault("realm", "");
        answer = Encoding.UTF8.GetBytes(Respond(nonce, realm));
        return true;
    }

    private string Respond(string nonce, string realm)
    {
        var uri = $"{service}/{host}";
        byte[] secret =
        [
            .. MD5.HashData(Encoding.UTF8.GetBytes($"{login.User}:{realm}:{login.Password}")),
            .. Encoding.UTF8.GetBytes($":{nonce}:{clientNonce}"),
        ];
        var key = Hex(secret);
        _expected = Proof(key, nonce, $":{uri}");
        return $"charset=utf-8,username=\"{Quote(login.User)}\",realm=\"{Quote(realm)}\",nonce=\"{Quote(nonce)}\","
            + $"nc={Count},cnonce=\"{clientNonce}\",digest-uri=\"{uri}\",maxbuf=65536,"
            + $"response={Proof(key, nonce, $"AUTHENTICATE:{uri}")},qop=auth";
    }

    private string Proof(string key, string nonce, string what)
    {
        var hashed = Hex(Encoding.UTF8.GetBytes(what));
        return Hex(Encoding.UTF8.GetBytes($"{key}:{nonce}:{Count}:{clientNonce}:auth:{hashed}"));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));

    private static string Quote(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    /// <summary>The directives of a token: <c>name=value,name="quoted"</c>; the first of a name counts.</summary>
    private static Dictionary<string, string> Parse(string text)
    {
        var found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var at = 0; at < text.Length;)
        {
            var equals = text.IndexOf('=', at);
            if (equals < 0)
                break;
            var name = text[at..equals].Trim(' ', ',');
            var value = new StringBuilder();
            at = equals + 1;
            var quoted = at < text.Length && text[at] == '"';
            for (at += quoted ? 1 : 0; at < text.Length && text[at] != (quoted ? '"' : ','); at++)
            {
                if (quoted && text[at] == '\\' && at + 1 < text.Length)
                    at++;
                value.Append(text[at]);
            }

            at++;
            found.TryAdd(name, value.ToString());
        }

        return found;
    }
}
