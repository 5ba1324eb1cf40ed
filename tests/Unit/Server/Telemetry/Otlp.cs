using System.Buffers.Binary;
using System.Text;

namespace Barnabas.Tests.Unit.Server.Telemetry;

/// <summary>Writes OpenTelemetry's MetricsData, field by field.</summary>
internal static class Otlp
{
    public static byte[] Data(params byte[][] metrics) =>
        Message(1,
        [
            .. Message(1, Attribute(1, "service.name", "x")),
            .. Message(2, [.. Message(1, Text(1, "scope")), .. metrics.SelectMany(m => Message(2, m))]),
        ]);

    public static byte[] Gauge(string name, double value, params (string Key, object Value)[] attributes) =>
    [
        .. Text(1, name), .. Text(2, "what it is"), .. Text(3, "ms"),
        .. Message(5, Message(1, Point(value, attributes))),
    ];

    public static byte[] Sum(string name, double value, bool isDelta, bool isMonotonic = true) =>
    [
        .. Text(1, name),
        .. Message(7,
        [
            .. Message(1, Point(value)), .. Number(2, isDelta ? 1u : 2u), .. Number(3, isMonotonic ? 1u : 0u),
        ]),
    ];

    public static byte[] Histogram(string name, ulong count, double sum) =>
    [
        .. Text(1, name),
        .. Message(9,
        [
            .. Message(1, [.. Fixed(4, count), .. Fraction(5, sum), .. Attribute(9, "le", "x")]), .. Number(2, 2),
        ]),
    ];

    public static byte[] Point(double value, params (string Key, object Value)[] attributes) =>
    [
        .. Fixed(3, 1_700_000_000_000_000_000),
        .. value == Math.Floor(value) ? Fixed(6, (ulong)(long)value) : Fraction(4, value),
        .. attributes.SelectMany(a => Attribute(7, a.Key, a.Value)),
    ];

    public static byte[] Message(int field, byte[] bytes) =>
        [.. Varint(((uint)field << 3) | 2), .. Varint((ulong)bytes.Length), .. bytes];

    public static byte[] Text(int field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    public static byte[] Number(int field, ulong value) => [.. Varint((uint)field << 3), .. Varint(value)];

    public static byte[] Fraction(int field, double value) => Fixed(field, BitConverter.DoubleToUInt64Bits(value));

    public static byte[] Fixed(int field, ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return [.. Varint(((uint)field << 3) | 1), .. bytes];
    }

    private static byte[] Attribute(int field, string key, object value) => Message(
        field,
        [
            .. Text(1, key),
            .. Message(2, value switch
            {
                string text => Text(1, text),
                bool flag => Number(2, flag ? 1u : 0u),
                long number => Number(3, (ulong)number),
                _ => Fraction(4, (double)value),
            }),
        ]);

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }
}
