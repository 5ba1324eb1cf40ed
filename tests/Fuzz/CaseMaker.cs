using System.Buffers.Binary;
using Barnabas.Tests.Golden;
using Barnabas.Wire;

namespace Barnabas.Tests.Fuzz;

/// <summary>Makes what one hostile connection sends; equal seeds make equal cases.</summary>
/// <remarks>It begins with a valid request, one of the golden samples, and damages its meaning, a length in it, its
/// bytes, its header or its frame.</remarks>
internal sealed class CaseMaker
{
    private static readonly Lazy<List<Sample>> Samples = new(Load);
    private readonly Random _random;
    private readonly ValueMutation _values;
    private readonly List<Sample> _served;

    /// <param name="seed">What the cases follow from.</param>
    /// <param name="vocabulary">What means something to the node.</param>
    /// <param name="served">The APIs that the node says it serves: most cases are for these.</param>
    internal CaseMaker(int seed, Vocabulary vocabulary, IReadOnlySet<ApiKey> served)
    {
        _random = new Random(seed);
        _values = new ValueMutation(_random, vocabulary);
        _served = [.. Samples.Value.Where(sample => served.Contains(sample.Api.Key))];
    }

    /// <summary>The keys and versions that cases begin with.</summary>
    internal static int Kinds => Samples.Value.Select(s => (s.Api.Key, s.Version)).Distinct().Count();

    /// <summary>The bytes of the next connection: a request or a few, one after the other.</summary>
    internal Case Next()
    {
        var requests = _random.Next(4) == 0 ? _random.Next(2, 5) : 1;
        var bytes = new List<byte>();
        var names = new List<string>();
        for (var i = 0; i < requests; i++)
        {
            var among = _random.Next(10) == 0 ? Samples.Value : _served;
            var sample = among[_random.Next(among.Count)];
            names.Add($"{sample.Api.Key} v{sample.Version}");
            bytes.AddRange(Request(sample, correlationId: i));
        }

        return new Case(string.Join(", ", names), [.. bytes]);
    }

    private byte[] Request(Sample sample, int correlationId)
    {
        var (api, version) = (sample.Api, sample.Version);
        var kind = _random.Next(20);
        var body = kind switch
        {
            < 9 => Values(sample),
            < 12 => Length(sample),
            < 15 => Damaged(Values(sample)),
            < 18 => Damaged(sample.Body),
            _ => sample.Body,
        };
        if (api.Key == ApiKey.UnregisterBroker)
            body = OfAnother(body);
        var frame = api.Frame(version, correlationId, _random.Next(8) == 0 ? null : "fuzz", body);
        return kind switch
        {
            18 => Header(frame),
            19 => Size(frame),
            _ => frame,
        };
    }

    // Whoever may unregister the node itself has not broken it: it leads nothing from then on.
    private static byte[] OfAnother(byte[] body) =>
        body is [0, 0, 0, 1, ..] ? [0, 0, 0, 2, .. body[4..]] : body;

    private byte[] Values(Sample sample)
    {
        var message = sample.Api.Read(sample.Body, sample.Version);
        _values.Apply(message);
        return Api.TryWrite(message, sample.Version) ?? sample.Body;
    }

    // What a longer value changes first is its length: there the lie goes.
    private byte[] Length(Sample sample)
    {
        var message = sample.Api.Read(sample.Body, sample.Version);
        if (!_values.Lengthen(message) || Api.TryWrite(message, sample.Version) is not { } longer)
            return Damaged(sample.Body);
        var at = sample.Body.AsSpan().CommonPrefixLength(longer);
        return Mutation.Poisoned(_random, longer, Math.Max(0, at - (_random.Next(2) == 0 ? 0 : _random.Next(4))));
    }

    private byte[] Damaged(byte[] bytes) =>
        Mutation.Apply(_random, bytes, Samples.Value[_random.Next(Samples.Value.Count)].Body);

    private byte[] Header(byte[] frame)
    {
        var most = Math.Min(frame.Length, 24);
        frame[4 + _random.Next(most - 4)] = (byte)_random.Next(256);
        return frame;
    }

    private byte[] Size(byte[] frame)
    {
        var size = _random.Next(3) == 0 ? (int)Vocabulary.Number(_random) : frame.Length - 4 + _random.Next(-8, 9);
        BinaryPrimitives.WriteInt32BigEndian(frame, size);
        return frame;
    }

    private static List<Sample> Load()
    {
        var path = Path.Combine(Repository.Vectors, "messages", "generated.tsv");
        return [.. VectorFile.Read(path)
            .Where(vector => Api.All.ContainsKey(vector.Schema))
            .Select(vector => new Sample(Api.All[vector.Schema], vector.Version, vector.Bytes))];
    }

    private sealed record Sample(Api Api, short Version, byte[] Body);
}

/// <summary>What one hostile connection sends.</summary>
/// <param name="Name">The requests it began as.</param>
/// <param name="Bytes">All its bytes.</param>
internal sealed record Case(string Name, byte[] Bytes);
