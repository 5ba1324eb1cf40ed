using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Barnabas.Bench;

/// <summary>Metrics of a server in Prometheus' text format, all series of a name together.</summary>
public sealed class ServerMetrics
{
    private readonly Dictionary<string, double> _sums = new(StringComparer.Ordinal);

    /// <summary>Reads them out of their text.</summary>
    /// <exception cref="FormatException">A value is no number.</exception>
    public ServerMetrics(TextReader text)
    {
        while (text.ReadLine() is { } line)
        {
            var end = line.IndexOfAny(['{', ' ']);
            if (end <= 0 || line[0] == '#')
                continue;
            // A time may follow the value.
            var rest = line[(Math.Max(end, line.LastIndexOf('}')) + 1)..].Trim();
            var value = rest.Split(' ')[0];
            _sums[line[..end]] = _sums.GetValueOrDefault(line[..end]) + value switch
            {
                "+Inf" => double.PositiveInfinity,
                "-Inf" => double.NegativeInfinity,
                _ => double.Parse(value, CultureInfo.InvariantCulture),
            };
        }
    }

    /// <summary>The sum of all series of a name; null where there is none.</summary>
    public double? this[string name] => _sums.TryGetValue(name, out var sum) ? sum : null;

    /// <summary>Asks a server for its metrics.</summary>
    /// <param name="page">The page, as <c>http://127.0.0.1:9404/metrics</c>.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="IOException">It does not answer with metrics.</exception>
    public static async Task<ServerMetrics> ReadAsync(Uri page, CancellationToken stop)
    {
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(page.Host, page.Port, stop);
            var stream = socket.GetStream();
            var request = $"GET {page.PathAndQuery} HTTP/1.0\r\nHost: {page.Authority}\r\nConnection: close\r\n\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(request), stop);
            using var reader = new StreamReader(stream);
            var answer = await reader.ReadToEndAsync(stop);
            var body = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (body < 0 || answer.Split(' ', 3) is not [_, "200", _])
                throw new IOException($"{page} has no metrics");
            return new ServerMetrics(new StringReader(answer[(body + 4)..]));
        }
        catch (Exception fault) when (fault is SocketException or FormatException)
        {
            throw new IOException($"{page} has no metrics: {fault.Message}", fault);
        }
    }

    /// <summary>What the runtime of a node of ours did between two readings: allocations for a request, pauses
    /// for the garbage collector, collections, time spent compiling.</summary>
    public static IEnumerable<Figure> Between(ServerMetrics before, ServerMetrics after, Measurement run)
    {
        var seconds = Math.Max(run.Time.TotalSeconds, 1e-9);
        if (Delta("dotnet_gc_allocated_bytes_total") is { } bytes)
        {
            yield return new(
                "server allocated", run.Done.Requests == 0 ? 0 : bytes / run.Done.Requests, "B/request", Better.Less);
        }

        if (Delta("dotnet_gc_pause_seconds_total") is { } pauses)
            yield return new("server paused for garbage", pauses * 1e3 / seconds, "ms/s", Better.Less);
        if (Delta("dotnet_gc_collections_total") is { } collections)
            yield return new("server garbage collections", collections / seconds, "/s", Better.Less);
        if (Delta("dotnet_jit_seconds_total") is { } compiling)
            yield return new("server compiled", compiling * 1e3 / seconds, "ms/s", Better.Less);

        double? Delta(string name) => after[name] - before[name];
    }
}
