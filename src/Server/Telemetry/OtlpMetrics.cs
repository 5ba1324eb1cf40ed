using System.Text;

namespace Barnabas.Server.Telemetry;

/// <summary>Reads metrics as OpenTelemetry's protocol has them: MetricsData v1, in protobuf (KIP-714, OTLP
/// 1).</summary>
/// <remarks>Gauges and sums are read as they are; of histograms and summaries, count and sum. What is unknown is let
/// pass, as protobuf wants it.</remarks>
internal static class OtlpMetrics
{
    /// <summary>The most values in one push: a value takes two bytes of it at least, and much more in memory.</summary>
    internal const int Most = 20_000;
    private const int LongestName = 255;
    private const int MostAttributes = 32;
    private const ulong DeltaTemporality = 1;

    /// <summary>Reads a push.</summary>
    /// <returns>The values; null where the bytes are no metrics, or too many.</returns>
    internal static List<ClientMetric>? TryRead(ReadOnlySpan<byte> data)
    {
        var values = new List<ClientMetric>();
        var reader = new ProtobufReader(data);
        var isGood = true;
        while (isGood && reader.Next())
            isGood = reader.Field != 1 || ReadResource(reader.Bytes, values);
        return isGood && !reader.IsBroken ? values : null;
    }

    private static bool ReadResource(ReadOnlySpan<byte> message, List<ClientMetric> values)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 2 && !ReadScope(reader.Bytes, values))
                return false;
        }

        return !reader.IsBroken;
    }

    private static bool ReadScope(ReadOnlySpan<byte> message, List<ClientMetric> values)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 2 && !ReadMetric(reader.Bytes, values))
                return false;
        }

        return !reader.IsBroken;
    }

    // The name may come behind the data, so it is looked for first.
    private static bool ReadMetric(ReadOnlySpan<byte> message, List<ClientMetric> values)
    {
        var (name, unit) = ("", "");
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                name = Text(reader.Bytes);
            else if (reader.Field == 3)
                unit = Text(reader.Bytes);
        }

        if (reader.IsBroken || name.Length is 0 or > LongestName)
            return !reader.IsBroken;
        reader = new ProtobufReader(message);
        while (reader.Next())
        {
            var isGood = reader.Field switch
            {
                5 or 7 or 9 or 10 or 11 => ReadPoints(reader.Field, reader.Bytes, name, unit, values),
                _ => true,
            };
            if (!isGood)
                return false;
        }

        return true;
    }

    private static bool ReadPoints(
        int form, ReadOnlySpan<byte> message, string name, string unit, List<ClientMetric> values)
    {
        const int gauge = 5;
        const int sum = 7;
        var (isDelta, isMonotonic) = (false, form is not (gauge or sum));
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 2)
                isDelta = reader.Number == DeltaTemporality;
            else if (reader.Field == 3)
                isMonotonic = reader.Number != 0;
        }

        if (reader.IsBroken)
            return false;
        var kind = isDelta ? ClientMetricKind.Delta : isMonotonic ? ClientMetricKind.Total : ClientMetricKind.Gauge;
        var blank = new ClientMetric(name, unit, kind, 0, []);
        reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field != 1)
                continue;
            var isGood = form is gauge or sum ? ReadNumber(reader.Bytes, blank, values)
                : ReadDistribution(form, reader.Bytes, blank, values);
            if (!isGood || values.Count > Most)
                return false;
        }

        return true;
    }

    private static bool ReadNumber(ReadOnlySpan<byte> message, ClientMetric blank, List<ClientMetric> values)
    {
        var attributes = new List<KeyValuePair<string, object?>>();
        var value = 0.0;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 4:
                    value = reader.Fraction;
                    break;
                case 6:
                    value = (long)reader.Number;
                    break;
                case 7 when !ReadAttribute(reader.Bytes, attributes):
                    return false;
            }
        }

        values.Add(blank with { Value = value, Attributes = attributes });
        return !reader.IsBroken;
    }

    // Histograms, exponential ones and summaries have count and sum in the same places, attributes not.
    private static bool ReadDistribution(
        int form, ReadOnlySpan<byte> message, ClientMetric blank, List<ClientMetric> values)
    {
        var attributesAt = form switch { 9 => 9, 10 => 1, _ => 7 };
        var attributes = new List<KeyValuePair<string, object?>>();
        var (count, sum) = (0.0, 0.0);
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == attributesAt && !ReadAttribute(reader.Bytes, attributes))
                return false;
            if (reader.Field == 4)
                count = reader.Number;
            else if (reader.Field == 5)
                sum = reader.Fraction;
        }

        values.Add(blank with { Name = blank.Name + ".count", Unit = "", Value = count, Attributes = attributes });
        values.Add(blank with { Name = blank.Name + ".sum", Value = sum, Attributes = attributes });
        return !reader.IsBroken;
    }

    private static bool ReadAttribute(ReadOnlySpan<byte> message, List<KeyValuePair<string, object?>> attributes)
    {
        var key = "";
        object? value = null;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                key = Text(reader.Bytes);
            else if (reader.Field == 2 && !ReadValue(reader.Bytes, ref value))
                return false;
        }

        if (key.Length is > 0 and <= LongestName && attributes.Count < MostAttributes)
            attributes.Add(new(key, value));
        return !reader.IsBroken;
    }

    private static bool ReadValue(ReadOnlySpan<byte> message, ref object? value)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            value = reader.Field switch
            {
                1 => Text(reader.Bytes),
                2 => reader.Number != 0,
                3 => (long)reader.Number,
                4 => reader.Fraction,
                _ => null,
            };
        }

        return !reader.IsBroken;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
