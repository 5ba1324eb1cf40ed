using System.Diagnostics;

namespace Barnabas.Tests.Nemesis.Place;

/// <summary>Runs the machine's tools.</summary>
internal static class Shell
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a tool that has to succeed.</summary>
    /// <exception cref="PlaceException">It does not.</exception>
    public static void Do(params string[] command)
    {
        if (Try(command) is { } fault)
            throw new PlaceException($"{string.Join(' ', command)}: {fault}");
    }

    /// <summary>Runs a tool.</summary>
    /// <returns>What went wrong; null when nothing did.</returns>
    public static string? Try(params string[] command) => Feed("", command);

    /// <summary>Runs a tool that reads.</summary>
    /// <returns>What went wrong; null when nothing did.</returns>
    public static string? Feed(string input, params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            var said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            if (!process.WaitForExit(Limit))
            {
                process.Kill();
                return $"no end within {Limit.TotalSeconds} s";
            }

            return process.ExitCode == 0 ? null : string.Join(' ', said.GetAwaiter().GetResult()).Trim();
        }
        catch (Exception missing) when (missing is System.ComponentModel.Win32Exception or IOException)
        {
            return missing.Message;
        }
    }

    /// <summary>Sends a signal to a process that was started here.</summary>
    public static void Signal(int process, string signal) => Do("/bin/sh", "-c", $"kill -{signal} {process}");
}

/// <summary>The machine does not let us have what a run needs.</summary>
internal sealed class PlaceException(string message) : Exception(message);
