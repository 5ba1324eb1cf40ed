using System.Globalization;
using System.Text;

namespace Barnabas.Bench;

/// <summary>Adds to a stream of Redis, and takes its answers.</summary>
public sealed class RedisLoad : PeerLoad
{
    // More than this Redis would only keep in memory.
    private const int Kept = 100_000;

    /// <summary>Connects.</summary>
    /// <param name="port">Where redis-server listens on this machine.</param>
    /// <param name="recordSize">Bytes of a message.</param>
    /// <param name="window">When the run counts.</param>
    /// <exception cref="IOException">It does not answer.</exception>
    public RedisLoad(int port, int recordSize, RunWindow window)
        : base(port, window)
    {
        var text = new StringBuilder("*8\r\n");
        string[] words = ["XADD", "bench", "MAXLEN", "~", Kept.ToString(CultureInfo.InvariantCulture), "*", "v"];
        foreach (var word in words)
            text.Append(CultureInfo.InvariantCulture, $"${word.Length}\r\n{word}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"${recordSize}\r\n").Append('x', recordSize).Append("\r\n");
        Message = (Encoding.ASCII.GetBytes(text.ToString()), recordSize);
    }

    /// <inheritdoc/>
    protected override (byte[] Message, int Value) Message { get; }

    /// <inheritdoc/>
    protected override int LengthOf(ReadOnlySpan<byte> received) => AnswerLength(received);

    /// <summary>The length of the answer that bytes begin with; 0 where it has not come as a whole.</summary>
    /// <exception cref="LoadException">It is a refusal.</exception>
    internal static int AnswerLength(ReadOnlySpan<byte> received)
    {
        var line = received.IndexOf("\r\n"u8);
        if (line < 0)
            return 0;
        if (received[0] != '$')
            throw new LoadException($"Redis refuses: {Encoding.UTF8.GetString(received[..line])}");
        var length = line + 4 + int.Parse(received[1..line], CultureInfo.InvariantCulture);
        return received.Length < length ? 0 : length;
    }
}
