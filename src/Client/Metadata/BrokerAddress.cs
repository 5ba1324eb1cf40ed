using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>A broker and where it listens.</summary>
/// <param name="Id">Its id; -1 for a bootstrap server that has not said yet.</param>
/// <param name="Host">Its name or address.</param>
/// <param name="Port">Its port.</param>
/// <param name="Rack">Its rack; null when it names none.</param>
public sealed record BrokerAddress(BrokerId Id, string Host, int Port, string? Rack = null)
{
    /// <summary>Reads <c>host:port</c>, <c>[v6]:port</c> or a host alone, whose port is 9092 then.</summary>
    /// <exception cref="KafkaException">The text is no address.</exception>
    public static BrokerAddress Parse(string text)
    {
        // librdkafka and listeners write a protocol in front; the host begins after it.
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var rest = scheme < 0 ? text : text[(scheme + 3)..];
        var (host, port) = (rest, "9092");
        var colon = rest.LastIndexOf(':');
        var isBareV6 = !rest.StartsWith('[') && rest.IndexOf(':', StringComparison.Ordinal) != colon;
        if (colon > rest.LastIndexOf(']') && !isBareV6)
            (host, port) = (rest[..colon], rest[(colon + 1)..]);
        host = host.Trim('[', ']');
        return host.Length > 0 && ushort.TryParse(port, out var number) && number > 0
            ? new(BrokerId.None, host, number)
            : throw new KafkaException(ErrorCode.InvalidConfig, $"'{text}' is no address of the form host:port");
    }

    /// <summary>The address as <c>host:port</c>.</summary>
    public override string ToString() =>
        Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
