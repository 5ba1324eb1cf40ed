namespace Barnabas.Tests.Golden;

/// <summary>The samples made with the reference implementation's serializer, where this machine has them.</summary>
public sealed class ReferenceTests
{
    private const int Samples = 1442;

    private static readonly Lazy<ILookup<string, Vector>> Reference = new(() =>
        Repository.Reference("golden", "messages.tsv") is { } path
            ? VectorFile.Read(path).ToLookup(v => v.Schema)
            : Enumerable.Empty<Vector>().ToLookup(v => v.Schema));

    [Theory]
    [MemberData(nameof(MessageCodec.Names), MemberType = typeof(MessageCodec))]
    public void Every_sample_is_read_to_its_values_and_written_to_its_bytes(string schema)
    {
        SkipWhenAbsent();
        VectorCheck.AllPass(Reference.Value[schema]);
    }

    [Fact]
    public void The_samples_cover_every_version_of_the_schemas_they_name()
    {
        SkipWhenAbsent();
        Assert.Equal(Samples, Reference.Value.Sum(rows => rows.Count()));
        foreach (var rows in Reference.Value)
        {
            var codec = MessageCodec.All[rows.Key];
            var versions = rows.Select(v => (int)v.Version).Distinct().Order();
            Assert.Equal(Enumerable.Range(codec.First, codec.Last - codec.First + 1), versions);
        }
    }

    private static void SkipWhenAbsent()
    {
        if (Repository.Reference("golden", "messages.tsv") is null)
            Assert.Skip("no reference data: neither BARNABAS_PROTOCOL nor reference data beside the repository");
    }
}
