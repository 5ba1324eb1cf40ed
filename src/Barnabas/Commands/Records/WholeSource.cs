namespace Barnabas.Cli.Commands;

/// <summary>One record of all there is to read.</summary>
internal sealed class WholeSource(RecordDefaults defaults) : RecordSource(defaults)
{
    /// <inheritdoc/>
    protected override int Take(ReadOnlyMemory<byte> bytes, bool isLast, ProduceSink sink) =>
        isLast && sink.Offer(Defaults.Partition, null, Defaults.Key, Value(bytes.Span), Defaults.Headers)
            ? bytes.Length
            : 0;
}
