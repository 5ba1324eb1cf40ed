using System.Diagnostics.CodeAnalysis;
using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Barnabas.Tests.Unit.WireGeneration;

public sealed class WireGeneratorTests
{
    private const string None = "# About\ndata X  versions 0  flexible none\n";
    private const string All = "# About\ndata X  versions 0  flexible 0+\n";
    private const string Types = "type Offset  int64  # an offset\n";

    private const string Sound = """
        # Does this and that. KIP-1
        api 7 Ask  versions 0-3  flexible 2+

        request
          Name      string?1+            # a name; null from
                                         # version 1 on
          Password  bytes   secret       # what nobody may see
          At        Offset  1+ = -1 ~    # an offset
          Things    []Thing? 2+ tag 0 = null  # things
            Count   int32                # how many
            Inner   Small?               # a small one
              Flag  bool                 # a flag
          Same      []Twin 3+            # shared ones
          struct    Twin                 # shared by some
            Id      int32                # an id

        response
          Code      ErrorCode            # how it went
          Records   records?             # records
          Half      float64 0-1          # a number
          One       Shared               # a shared one
          struct    Shared               # shared by some
            Id      uuid                 # an id
            Port    uint16               # a port
        """;

    [Theory]
    [InlineData(2, "say after '#'", None + "  Name  string\n")]
    [InlineData(0, "say above a message", "data X  versions 0  flexible none\n")]
    [InlineData(1, "a message begins", "# About\nthing X  versions 0  flexible none\n")]
    [InlineData(1, "'many' is not a number", "# About\ndata X  versions many  flexible none\n")]
    [InlineData(2, "neither a primitive", None + "  A  int33  # a\n")]
    [InlineData(2, "two spaces a level", None + "   A  int32  # a\n")]
    [InlineData(3, "one level below", None + "  A  int32  # a\n      B  int32  # b\n")]
    [InlineData(2, "begin with a capital", None + "  a  int32  # a\n")]
    [InlineData(2, "first flexible one", "# About\ndata X  versions 0-1  flexible 1+\n  A  int32 tag 0  # a\n")]
    [InlineData(3, "stands here twice", None + "  A  int32  # a\n  A  int8  # a\n")]
    [InlineData(3, "tag 0 is taken", All + "  A  int32 tag 0  # a\n  B  int8 tag 0  # b\n")]
    [InlineData(2, "cannot be null", None + "  A  int32 = null  # a\n")]
    [InlineData(2, "cannot be 128", None + "  A  int8 = 128  # a\n")]
    [InlineData(2, "'~~' is not a number", None + "  A  int8 ~~  # a\n")]
    [InlineData(4, "described twice", None + "  A  T  # a\n    B  int8  # b\n  C  T  # c\n    D  int8  # d\n")]
    [InlineData(0, "below an api line", "request\n")]
    public void A_fault_is_an_error_on_the_line_of_the_schema(int line, string message, string schema)
    {
        var result = Run(Schema("x", schema)).GetRunResult();
        var fault = Assert.Single(result.Diagnostics);
        Assert.Contains(message, fault.GetMessage(null), StringComparison.Ordinal);
        Assert.Equal("WIRE001", fault.Id);
        Assert.Equal(DiagnosticSeverity.Error, fault.Severity);
        Assert.Equal("schema/messages/x.wire", fault.Location.GetLineSpan().Path);
        Assert.Equal(line, fault.Location.GetLineSpan().StartLinePosition.Line);
    }

    [Fact]
    public void What_is_generated_compiles_without_warnings()
    {
        var stop = TestContext.Current.CancellationToken;
        Run(Schema("x", Sound))
            .RunGeneratorsAndUpdateCompilation(Compilation(), out var compilation, out var faults, stop);
        Assert.Empty(faults);
        var ignored = new[] { "CS0219", "CS0162", "CS8618", "CS1701", "CS1702" };
        Assert.DoesNotContain(compilation.GetDiagnostics(stop), d =>
            d.Severity >= DiagnosticSeverity.Warning && !ignored.Contains(d.Id));
    }

    [Fact]
    public void Comments_become_documentation_and_secrets_are_masked()
    {
        var source = SourceOf("x", Run(Schema("x", Sound)));
        Assert.Contains("/// <summary>Does this and that. KIP-1.</summary>", source, StringComparison.Ordinal);
        Assert.Contains("/// <summary>A name; null from version 1 on.</summary>", source, StringComparison.Ordinal);
        Assert.Contains("text.Secret(\"Password\")", source, StringComparison.Ordinal);
    }

    [Fact]
    public void Counts_are_held_against_the_exact_size_of_each_version()
    {
        var source = SourceOf("x", Run(Schema("x", """
            # About
            data X  versions 0-2  flexible 2+
              All  []T    # all
                A  int32  # always there
                B  int64 1+  # there from version 1
                C  string  # two bytes, later one
            """)));
        Assert.Contains("version switch { <= 0 => 6, _ => 14 }", source, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_of_one_schema_generates_no_other_anew()
    {
        var other = Schema("y", "# About\ndata Y  versions 0  flexible none\n  A  int32  # a\n");
        var changed = Schema("x", Sound.Replace("how many", "how very many", StringComparison.Ordinal));
        var first = Schema("x", Sound);
        var driver = Run(first, other).ReplaceAdditionalText(first, changed)
            .RunGenerators(Compilation(), TestContext.Current.CancellationToken);

        var outputs = driver.GetRunResult().Results.Single().TrackedOutputSteps
            .SelectMany(step => step.Value).SelectMany(run => run.Outputs).Select(o => o.Reason).ToList();
        Assert.Contains(IncrementalStepRunReason.Modified, outputs);
        Assert.Contains(IncrementalStepRunReason.Cached, outputs);
    }

    private static GeneratorDriver Run(params AdditionalText[] schemas)
    {
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new WireGenerator().AsSourceGenerator()],
            [new SchemaText("schema/types.wire", Types), .. schemas],
            CSharpParseOptions.Default.WithDocumentationMode(DocumentationMode.Diagnose),
            new Options(),
            new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        return driver.RunGenerators(Compilation(), TestContext.Current.CancellationToken);
    }

    private static string SourceOf(string name, GeneratorDriver driver) => driver.GetRunResult().Results.Single()
        .GeneratedSources.Single(s => s.HintName == $"{name}.g.cs").SourceText.ToString();

    private static SchemaText Schema(string name, string text) => new($"schema/messages/{name}.wire", text);

    private static CSharpCompilation Compilation()
    {
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is "System.Runtime.dll" or "System.Private.CoreLib.dll"
                or "System.Collections.dll" or "System.Memory.dll" or "netstandard.dll");
        var ours = new[] { typeof(Offset).Assembly.Location, typeof(WireReader).Assembly.Location };
        var usings = CSharpSyntaxTree.ParseText("""
            global using System;
            global using System.Collections.Generic;
            global using Barnabas.Base;
            global using Barnabas.Wire;
            """);
        return CSharpCompilation.Create(
            "generated", [usings], platform.Concat(ours).Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
    }

    private sealed class SchemaText(string path, string text) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }

    private sealed class Options : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Properties();

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;
    }

    private sealed class Properties : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value)
        {
            value = key switch
            {
                "build_property.RootNamespace" => "Generated",
                "build_property.WireEmit" => "messages",
                _ => null,
            };
            return value is not null;
        }
    }
}
