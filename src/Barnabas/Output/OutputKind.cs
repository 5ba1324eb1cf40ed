namespace Barnabas.Cli;

/// <summary>What a command's output looks like.</summary>
internal enum OutputKind
{
    /// <summary>Columns, for people.</summary>
    Table,

    /// <summary>More columns.</summary>
    Wide,

    /// <summary>One JSON document: its shape is a promise.</summary>
    Json,

    /// <summary>The same, an element of the document a line.</summary>
    JsonLines,

    /// <summary>The same document as YAML.</summary>
    Yaml,

    /// <summary>Names alone, one a line, for scripts.</summary>
    Name,
}
