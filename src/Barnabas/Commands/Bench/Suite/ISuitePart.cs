namespace Barnabas.Cli.Commands;

/// <summary>A part of the suite, which can be run by itself.</summary>
internal interface ISuitePart
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>Measures, and adds to the table.</summary>
    Task RunAsync(SuiteContext suite, CancellationToken stop);
}
