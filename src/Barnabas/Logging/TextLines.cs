using System.Globalization;
using System.Text;
using Barnabas.Base;
using Microsoft.Extensions.Logging;

namespace Barnabas.Cli.Logging;

/// <summary>Lines for people: <c>2026-01-31 12:00:00.000 INFO  BrokerNode: text</c>, in local time.</summary>
internal sealed class TextLines : ILineFormat
{
    /// <inheritdoc/>
    public byte[] Format(in LogEvent happened)
    {
        var time = happened.Time.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        var logger = happened.Logger[(happened.Logger.LastIndexOf('.') + 1)..];
        var text = new StringBuilder()
            .Append(time).Append(' ').Append(happened.Level.KafkaName().PadRight(5)).Append(' ')
            .Append(logger).Append(": ").Append(happened.Text).Append('\n');
        if (happened.Fault is { } fault)
            text.Append(happened.Level >= LogLevel.Critical ? fault.ToString() : $"  {fault.Message}").Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
