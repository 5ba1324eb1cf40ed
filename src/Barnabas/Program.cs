namespace Barnabas.Cli;

/// <summary>The one binary.</summary>
internal static class Program
{
    private static int Main() => 0;
}
