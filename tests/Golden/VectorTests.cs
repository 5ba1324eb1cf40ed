namespace Barnabas.Tests.Golden;

/// <summary>The repository's own samples in <c>vectors/messages</c>: <c>generated.tsv</c>, by make_vectors.py, and
/// files captured from clients, each named after the client that sent them.</summary>
public sealed class VectorTests
{
    private static readonly Lazy<ILookup<string, Vector>> Vectors = new(() =>
        VectorFile.ReadAll(Path.Combine(Repository.Vectors, "messages")).ToLookup(v => v.Schema));

    [Theory]
    [MemberData(nameof(MessageCodec.Names), MemberType = typeof(MessageCodec))]
    public void Every_sample_is_read_to_its_values_and_written_to_its_bytes(string schema) =>
        VectorCheck.AllPass(Vectors.Value[schema]);

    [Theory]
    [MemberData(nameof(MessageCodec.Names), MemberType = typeof(MessageCodec))]
    public void Every_version_has_generated_samples(string schema)
    {
        var codec = MessageCodec.All[schema];
        var versions = Vectors.Value[schema].Where(v => v.Source == "generated").Select(v => (int)v.Version);
        Assert.Equal(Enumerable.Range(codec.First, codec.Last - codec.First + 1), versions.Distinct().Order());
    }

    [Fact]
    public void Every_sample_names_a_message_of_the_schemas() =>
        Assert.All(Vectors.Value, rows => Assert.Contains(rows.Key, MessageCodec.All.Keys));
}
