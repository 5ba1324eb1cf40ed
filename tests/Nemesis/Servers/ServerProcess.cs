using System.Diagnostics;
using Barnabas.Tests.Nemesis.Place;

namespace Barnabas.Tests.Nemesis.Servers;

/// <summary>A server that is killed, held and started again; what it says goes to a file.</summary>
internal abstract class ServerProcess(Site site, string node, string home) : IDisposable
{
    private Process? _process;
    private bool _isHeld;

    /// <summary>Its name, and that of its network.</summary>
    public string Node => node;

    /// <summary>The directory it runs in, with its log.</summary>
    public string Home => home;

    /// <summary>Its process; null when it has none.</summary>
    public int? Id => IsRunning ? _process!.Id : null;

    /// <summary>True while the process is there, held or not.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>How it ended by itself, though it was to run; null when it did not.</summary>
    public int? EndedWith => _process is { HasExited: true } ended ? ended.ExitCode : null;

    /// <summary>The site it stands at.</summary>
    protected Site Site => site;

    /// <summary>What runs.</summary>
    protected abstract IEnumerable<string> Command { get; }

    /// <summary>What it finds in its environment; null takes a variable away.</summary>
    protected virtual IEnumerable<(string Name, string? Value)> Variables => [];

    /// <summary>Starts the process.</summary>
    public void Start()
    {
        Forget();
        Directory.CreateDirectory(home);
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = home,
            RedirectStandardInput = true,
        };
        foreach (var word in (string[])["-c", "exec \"$@\" >>server.log 2>&1", "sh", .. site.As(node, Command)])
            start.ArgumentList.Add(word);
        foreach (var (name, value) in Variables)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.StandardInput.Close();
    }

    /// <summary>Ends the process at once (kill -9).</summary>
    public void Kill()
    {
        if (IsRunning)
        {
            _process!.Kill();
            _process.WaitForExit();
        }

        Forget();
    }

    /// <summary>Holds the process: every thread stands still until it goes on.</summary>
    public void Hold()
    {
        if (Id is not { } id)
            return;
        Shell.Signal(id, "STOP");
        _isHeld = true;
    }

    /// <summary>Lets the process go on.</summary>
    public void GoOn()
    {
        if (_isHeld && Id is { } id)
            Shell.Signal(id, "CONT");
        _isHeld = false;
    }

    /// <summary>The end of what it said.</summary>
    public string Tail(int lines = 30)
    {
        var log = Path.Combine(home, "server.log");
        return File.Exists(log) ? string.Join('\n', File.ReadLines(log).TakeLast(lines)) : "(it said nothing)";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        GC.SuppressFinalize(this);
    }

    private void Forget()
    {
        _process?.Dispose();
        (_process, _isHeld) = (null, false);
    }
}
