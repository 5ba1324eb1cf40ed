using System.Text;
using System.Text.Json.Nodes;
using Barnabas.Cli;

namespace Barnabas.Tests.Unit.Cli;

public sealed class OutputTests
{
    [Fact]
    public void A_table_is_aligned_and_has_dashes_for_nothing() => Assert.Equal(
        """
        NAME     COUNT  BROKERS
        a        1      1,2
        longest  -      -

        """, Printed(OutputKind.Table));

    [Fact]
    public void A_wide_table_has_all_columns() => Assert.Equal(
        """
        NAME     COUNT  BROKERS  ISOPEN
        a        1      1,2      yes
        longest  -      -        no

        """, Printed(OutputKind.Wide));

    [Fact]
    public void Json_is_one_document() => Assert.Equal(
        """
        [
          {
            "name": "a",
            "count": 1,
            "brokers": [
              1,
              2
            ],
            "isOpen": true
          },
          {
            "name": "longest",
            "count": null,
            "brokers": [],
            "isOpen": false
          }
        ]

        """, Printed(OutputKind.Json));

    [Fact]
    public void Json_lines_are_its_elements() => Assert.Equal(
        """
        {"name":"a","count":1,"brokers":[1,2],"isOpen":true}
        {"name":"longest","count":null,"brokers":[],"isOpen":false}

        """, Printed(OutputKind.JsonLines));

    [Fact]
    public void Yaml_is_the_same_document() => Assert.Equal(
        """
        - name: a
          count: 1
          brokers: [1, 2]
          isOpen: true
        - name: longest
          count: null
          brokers: []
          isOpen: false

        """, Printed(OutputKind.Yaml));

    [Fact]
    public void Names_are_the_first_column() => Assert.Equal("a\nlongest\n", Printed(OutputKind.Name));

    [Theory]
    [InlineData(
        """{"a":{"b":[{"c":1,"d":[{"e":2}]},[]],"f":{}}}""",
        "a:\n  b:\n    - c: 1\n      d:\n        - e: 2\n    - []\n  f: {}\n")]
    [InlineData("""["plain word","yes","12","","a: b","-x","é","two\nlines","trailing "]""",
        "- plain word\n- \"yes\"\n- \"12\"\n- \"\"\n- \"a: b\"\n- \"-x\"\n- \"é\"\n- \"two\\nlines\"\n"
        + "- \"trailing \"\n")]
    [InlineData("[]", "[]\n")]
    [InlineData("""{"on":null}""", "\"on\": null\n")]
    public void Yaml_quotes_what_is_not_plainly_a_word(string json, string yaml)
    {
        // A list of scalars alone would stand on one line: its block form shows what each becomes.
        var node = JsonNode.Parse(json);
        if (node is JsonArray { Count: > 0 } array)
            array.Add(new JsonObject { ["last"] = 1 });
        var wanted = node is JsonArray { Count: > 0 } ? yaml + "- last: 1\n" : yaml;
        Assert.Equal(wanted, Bytes(to => Yaml.Write(to, node)));
    }

    [Theory]
    [InlineData(nameof(OutputKind.Json), "[\n{\"name\":\"x\"},\n{\"name\":\"y\"}\n]\n", "[]\n")]
    [InlineData(nameof(OutputKind.JsonLines), "{\"name\":\"x\"}\n{\"name\":\"y\"}\n", "")]
    [InlineData(nameof(OutputKind.Yaml), "- name: x\n- name: \"y\"\n", "[]\n")]
    [InlineData(nameof(OutputKind.Name), "x\ny\n", "")]
    public void A_stream_of_elements_is_a_document_too(string name, string two, string none)
    {
        var kind = Enum.Parse<OutputKind>(name);
        Assert.Equal(two, Bytes(to =>
        {
            using var document = new DocumentStream(to, kind);
            document.Add(new JsonObject { ["name"] = "x" });
            document.Add(new JsonObject { ["name"] = "y" });
        }));
        Assert.Equal(none, Bytes(to => new DocumentStream(to, kind).Dispose()));
    }

    private static string Printed(OutputKind kind)
    {
        var table = new Table("Name", "Count", "Brokers", Column.Wide("IsOpen"));
        table.Add("a", 1, Enumerable.Range(1, 2).ToArray(), true);
        table.Add("longest", null, Array.Empty<int>(), false);
        return Bytes(to => Document.Write(to, kind, table.ToJson, table.WriteText));
    }

    private static string Bytes(Action<StdOut> write)
    {
        var stream = new MemoryStream();
        using (var to = new StdOut(stream))
            write(to);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
