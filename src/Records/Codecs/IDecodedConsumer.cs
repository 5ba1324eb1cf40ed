namespace Barnabas.Records;

/// <summary>Takes decompressed bytes as they come, so that they need not all be held.</summary>
internal interface IDecodedConsumer
{
    /// <summary>Takes bytes from the front of <paramref name="bytes"/>, which continue where it stopped
    /// taking.</summary>
    /// <returns>How many it took: the rest is offered again with more behind it. Negative to end the
    /// decoding.</returns>
    int Consume(ReadOnlySpan<byte> bytes);
}
