using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Barnabas.Tests.Nemesis.Drivers;

/// <summary>A process with a client of librdkafka (Debian's python3-confluent-kafka), told by lines of JSON what to
/// do.</summary>
internal sealed class ForeignProcess : IAsyncDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _asked = new();
    private readonly Lock _writing = new();
    private readonly Process _process;
    private readonly Task _listening;
    private readonly string _name;
    private readonly string _log;
    private volatile string _lastWords = "";
    private long _requests;

    /// <summary>Starts it.</summary>
    /// <param name="place">Where it finds the cluster, and where its complaints are kept.</param>
    /// <param name="arguments">What it is, and what that needs.</param>
    public ForeignProcess(ForeignPlace place, params string[] arguments)
    {
        _log = Path.Combine(place.Home, $"librdkafka-{arguments[0]}.log");
        _name = $"librdkafka {string.Join(' ', arguments)}";
        var script = Path.Combine(AppContext.BaseDirectory, "Drivers", "librdkafka.py");
        // Debian's packages belong to Debian's interpreter, and to no other.
        var start = new ProcessStartInfo("/usr/bin/python3", [script, place.Bootstrap, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _listening = ListenAsync();
    }

    /// <summary>True once it has ended, told to or not.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Tells it something that it does not answer.</summary>
    /// <exception cref="ClientEnded">It has ended.</exception>
    public void Tell(object what)
    {
        try
        {
            lock (_writing)
            {
                _process.StandardInput.WriteLine(JsonSerializer.Serialize(what));
                _process.StandardInput.Flush();
            }
        }
        catch (IOException)
        {
            throw new ClientEnded($"{_name} has ended");
        }
    }

    /// <summary>Asks it for something.</summary>
    /// <param name="request">Makes the request of a number.</param>
    /// <exception cref="ClientEnded">It has ended before it answered.</exception>
    public async Task<JsonElement> AskAsync(Func<long, object> request)
    {
        var id = Interlocked.Increment(ref _requests);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = answer;
        Tell(request(id));
        if (_listening.IsCompleted)
            GiveUp();
        return await answer.Task;
    }

    /// <summary>Ends the process at once (kill -9).</summary>
    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(EndLimit);
        }
        catch (Exception slow) when (slow is TimeoutException or IOException)
        {
            Kill();
        }

        await _listening;
        _process.Dispose();
    }

    private async Task ListenAsync()
    {
        var complaining = KeepComplaintsAsync();
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var answer = JsonDocument.Parse(line).RootElement;
            if (_asked.TryRemove(answer.GetProperty("id").GetInt64(), out var asked))
                asked.SetResult(answer);
        }

        _lastWords = $"{_name} ended: {await complaining}";
        GiveUp();
    }

    /// <summary>What it says beside its answers goes to a file; its last line is why it ended.</summary>
    private async Task<string> KeepComplaintsAsync()
    {
        var last = "";
        // One that takes its place may have the file open too.
        var kept = new FileStream(_log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        await using var file = new StreamWriter(kept) { AutoFlush = true };
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            await file.WriteLineAsync(line);
            // The library's own lines have a level; what ended the process has none.
            if (!line.StartsWith('%'))
                last = line;
        }

        return last;
    }

    private void GiveUp()
    {
        foreach (var (id, _) in _asked)
        {
            if (_asked.TryRemove(id, out var asked))
                asked.TrySetException(new ClientEnded(_lastWords));
        }
    }
}

/// <summary>Where processes of librdkafka are.</summary>
/// <param name="Bootstrap">The brokers' addresses.</param>
/// <param name="Home">The directory for what they say.</param>
internal sealed record ForeignPlace(string Bootstrap, string Home);
