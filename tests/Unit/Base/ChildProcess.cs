using System.Diagnostics;
using System.Reflection;

namespace Barnabas.Tests.Unit.Base;

/// <summary>Runs one explicit test in a process of its own, so that something can be done to that
/// process.</summary>
internal static class ChildProcess
{
    /// <summary>Where the child is told what to work on.</summary>
    public const string Argument = "BARNABAS_TEST_ARGUMENT";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Runs the explicit test under strace.</summary>
    /// <returns>What strace wrote, and what the test did.</returns>
    public static async Task<(string Trace, string Output, bool Passed)> TraceAsync(
        string straceArguments, string method, string argument)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed");
        var trace = Path.GetTempFileName();
        try
        {
            var (output, passed) = await RunAsync(
                "/usr/bin/strace", $"-f -y -o {trace} {straceArguments} dotnet {Self(method)}", argument);
            return (await File.ReadAllTextAsync(trace, Stop), output, passed);
        }
        finally
        {
            File.Delete(trace);
        }
    }

    /// <summary>Runs the explicit test.</summary>
    public static Task<(string Output, bool Passed)> RunAsync(string method, string argument) =>
        RunAsync("dotnet", Self(method), argument);

    private static string Self(string method) =>
        $"{Assembly.GetExecutingAssembly().Location} -method {method} -explicit only -noColor";

    private static async Task<(string Output, bool Passed)> RunAsync(
        string program, string arguments, string argument)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        start.Environment[Argument] = argument;
        using var process = Process.Start(start)
            ?? throw new InvalidOperationException($"cannot start {program}");
        var output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return (output, process.ExitCode == 0);
    }
}
