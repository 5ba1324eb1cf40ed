using System.Globalization;
using System.Text;

namespace Barnabas.Bench;

/// <summary>Publishes to a stream of NATS JetStream in files, and takes its acknowledgements.</summary>
public sealed class NatsLoad : PeerLoad
{
    private const string Inbox = "_INBOX.bench";

    /// <summary>Connects, and makes the stream.</summary>
    /// <param name="port">Where nats-server listens on this machine.</param>
    /// <param name="recordSize">Bytes of a message.</param>
    /// <param name="name">The stream, which is not there yet.</param>
    /// <param name="window">When the run counts.</param>
    /// <exception cref="IOException">It does not answer.</exception>
    /// <exception cref="LoadException">It refuses.</exception>
    public NatsLoad(int port, int recordSize, string name, RunWindow window)
        : base(port, window)
    {
        var stream = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"name":"{{name}}","subjects":["{{name}}"],"storage":"file","retention":"limits","num_replicas":1}""");
        // What the server says of itself.
        Wait();
        Send(Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\nSUB {Inbox} 1\r\n"
            + $"PUB $JS.API.STREAM.CREATE.{name} {Inbox} {stream.Length}\r\n{stream}\r\n")));
        Wait();
        var head = Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"PUB {name} {Inbox} {recordSize}\r\n"));
        Message = ([.. head, .. new byte[recordSize].Select(static _ => (byte)'x'), .. "\r\n"u8], recordSize);
    }

    /// <inheritdoc/>
    protected override (byte[] Message, int Value) Message { get; }

    /// <inheritdoc/>
    protected override int LengthOf(ReadOnlySpan<byte> received) => AnswerLength(received);

    /// <summary>The length of the answer that bytes begin with; 0 where it has not come as a whole.</summary>
    /// <exception cref="LoadException">It is a refusal.</exception>
    internal static int AnswerLength(ReadOnlySpan<byte> received)
    {
        // It asks now and then whether we live, and counts the messages as signs of that.
        if (received.StartsWith("PING\r\n"u8))
            return AnswerLength(received[6..]) is var rest and > 0 ? 6 + rest : 0;
        var line = received.IndexOf("\r\n"u8);
        if (line < 0)
            return 0;
        if (received.StartsWith("MSG "u8))
        {
            var size = received[(received[..line].LastIndexOf((byte)' ') + 1)..line];
            var length = line + 4 + int.Parse(size, CultureInfo.InvariantCulture);
            if (received.Length < length)
                return 0;
            return received[..length].IndexOf("\"error\""u8) < 0
                ? length
                : throw new LoadException($"NATS refuses: {Encoding.UTF8.GetString(received[line..length]).Trim()}");
        }

        return received.StartsWith("-ERR"u8)
            ? throw new LoadException($"NATS refuses: {Encoding.UTF8.GetString(received[..line])}")
            : line + 2;
    }

    private void Wait()
    {
        while (Take() == 0)
        {
            // Only a part of it has come.
        }
    }
}
