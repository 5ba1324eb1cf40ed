using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Barnabas.Cli.Commands;

/// <summary>A server that the benchmarks start, and that ends with them at the latest.</summary>
internal sealed partial class ChildProcess : IDisposable
{
    private const int Terminate = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    /// <summary>Its id.</summary>
    public int Id => _process.Id;

    /// <summary>What it writes to standard output.</summary>
    public StreamReader Output => _process.StandardOutput;

    /// <summary>True once it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Starts a program.</summary>
    /// <exception cref="CliException">It cannot be started.</exception>
    public static ChildProcess Start(string program, IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            var process = Process.Start(info)!;
            // Nobody reads what it says; a full pipe would hold it up.
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            return new ChildProcess(process);
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            throw new CliException(ExitCode.Failed, $"cannot start {program}: {fault.Message}");
        }
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it wrote to standard output; null where it failed, or is not there.</returns>
    public static async Task<string?> RunAsync(string program, IEnumerable<string> arguments, CancellationToken stop)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            var output = await process.StandardOutput.ReadToEndAsync(stop);
            await process.WaitForExitAsync(stop);
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Asks it to end, and waits for that.</summary>
    public void Stop()
    {
        if (_process.HasExited)
            return;
        if (OperatingSystem.IsWindows())
            _process.Kill();
        else
            _ = Signal(_process.Id, Terminate);
        if (!_process.WaitForExit(Patience))
            Kill();
    }

    /// <summary>Ends it as kill -9 does.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    /// <summary>A port that nobody listens at now.</summary>
    public static int FreePort()
    {
        using var socket = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        socket.Start();
        return ((System.Net.IPEndPoint)socket.LocalEndpoint).Port;
    }

    /// <summary>A number as arguments have it.</summary>
    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
