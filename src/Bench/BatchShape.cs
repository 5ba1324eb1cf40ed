using Barnabas.Records;

namespace Barnabas.Bench;

/// <summary>What the batches of a load look like: all are equal, and made once.</summary>
public sealed record BatchShape
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789 ";

    /// <summary>Bytes of a record's value.</summary>
    public int RecordSize { get; init; } = 1024;

    /// <summary>Records in a batch; null for as many as <see cref="BatchSize"/> holds.</summary>
    public int? Records { get; init; }

    /// <summary>The most bytes of a batch before it is compressed; it has one record at least.</summary>
    public int BatchSize { get; init; } = 16 * 1024;

    /// <summary>Bytes of a record's key; zero for none.</summary>
    public int KeySize { get; init; }

    /// <summary>How the records are compressed.</summary>
    public Compression Compression { get; init; }

    /// <summary>Makes the batch: letters and digits in random order, which compress as text does, with a
    /// little.</summary>
    /// <param name="timestamp">The time of all records, in ms since 1970.</param>
    /// <returns>The bytes of the batch, and its records.</returns>
    public (byte[] Bytes, int Records) Make(long timestamp)
    {
        var random = new Random(1);
        using var builder = new BatchBuilder(BatchSize);
        while (Records is { } most ? builder.Count < most : true)
        {
            NullableBytes key = KeySize == 0 ? NullableBytes.Null : Text(random, KeySize);
            var limit = Records is null && builder.Count > 0 ? BatchSize : int.MaxValue;
            if (!builder.TryAppend(limit, timestamp, key, Text(random, RecordSize)))
                break;
        }

        return (builder.Build(new BatchOptions { Compression = Compression }).ToArray(), builder.Count);
    }

    private static byte[] Text(Random random, int size)
    {
        var text = new byte[size];
        for (var at = 0; at < size; at++)
            text[at] = (byte)Letters[random.Next(Letters.Length)];
        return text;
    }
}
