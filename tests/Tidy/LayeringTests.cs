using System.Xml.Linq;

namespace Barnabas.Tests.Tidy;

/// <summary>A project imports only what the table in ARCHITECTURE.md allows, and only lower rows.</summary>
public sealed class LayeringTests
{
    private const string Sample = """
        | row | project | imports only | what it is |
        |---|---|---|---|
        | 0 | Base | - | the ground |
        | 1 | Wire, Records | Base | bytes |
        | 2 | Wire.Messages | Wire | generated |
        | 3 | Rpc | Base, Wire* | requests |
        | 4 | Server (the core) | rows <= 3 | serves |

        Text behind the table.
        """;

    [Fact]
    public void Every_project_imports_only_what_the_table_allows()
    {
        var table = LayerTable.Read(Repository.Read("ARCHITECTURE.md"));
        var faults =
            from path in Repository.Files("src", ".csproj")
            from import in Imports(path)
            let fault = table.Fault(Path.GetFileNameWithoutExtension(path), import)
            where fault is not null
            select $"{path}: {fault}";
        Assert.Empty(faults);
    }

    [Fact]
    public void Every_project_stands_in_the_table()
    {
        var table = LayerTable.Read(Repository.Read("ARCHITECTURE.md"));
        var projects = Repository.Files("src", ".csproj").Select(Path.GetFileNameWithoutExtension);
        Assert.Empty(projects.Except(table.Projects));
        Assert.Empty(table.Unknown());
    }

    [Theory]
    [InlineData("Wire", "Base")]
    [InlineData("Rpc", "Wire")]
    [InlineData("Rpc", "Wire.Messages")]
    [InlineData("Server", "Records")]
    public void What_the_table_allows_passes(string project, string import) =>
        Assert.Null(LayerTable.Read(Sample).Fault(project, import));

    [Theory]
    [InlineData("Wire", "Records", "no lower row")]
    [InlineData("Base", "Wire", "no lower row")]
    [InlineData("Wire.Messages", "Base", "the table allows Wire")]
    [InlineData("Rpc", "Records", "the table allows")]
    [InlineData("Cluster", "Base", "Cluster is missing")]
    [InlineData("Rpc", "Security", "Security, which Rpc imports, is missing")]
    public void What_it_does_not_allow_is_told(string project, string import, string fault) =>
        Assert.Contains(fault, LayerTable.Read(Sample).Fault(project, import), StringComparison.Ordinal);

    /// <summary>The projects a project is built upon; a generator runs in the compiler and is none of them.</summary>
    private static IEnumerable<string> Imports(string path) =>
        from reference in XDocument.Parse(Repository.Read(path)).Descendants("ProjectReference")
        where reference.Attribute("ReferenceOutputAssembly")?.Value != "false"
        select Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'));
}
