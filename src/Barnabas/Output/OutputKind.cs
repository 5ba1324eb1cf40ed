namespace Barnabas.Cli;

/// <summary>What a command's output looks like.</summary>
internal enum OutputKind
{
    /// <summary>Columns, for people.</summary>
    Table,

    /// <summary>JSON, for programs: its shape is a promise.</summary>
    Json,
}
