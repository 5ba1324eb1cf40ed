using System.Buffers;
using System.Text;
using Barnabas.Base;
using Microsoft.Extensions.Logging;

namespace Barnabas.Http;

/// <summary>One client: reads a request, answers it, and reads the next. All of it runs on the connection's
/// lane.</summary>
internal sealed partial class HttpConnection
{
    private const int MostLinger = 256 * 1024;
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);
    private readonly IConnection _connection;
    private readonly HttpLimits _limits;
    private readonly Func<HttpRequest, Task<HttpResponse>> _serve;
    private readonly ILogger _log;
    private readonly Lane _lane;
    private readonly ITimer _deadline;
    private byte[] _buffer = [];
    private int _count;

    internal HttpConnection(
        Host host, IConnection connection, HttpLimits limits, Func<HttpRequest, Task<HttpResponse>> serve, ILogger log)
    {
        (_connection, _limits, _serve, _log) = (connection, limits, serve, log);
        _lane = host.Lanes.NewLane("http connection");
        _deadline = host.Time.CreateTimer(
            static c => ((HttpConnection)c!).Abort(), this, limits.RequestTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends the connection at once. From any lane.</summary>
    internal void Abort() => _connection.Abort();

    /// <summary>Serves until either side has had enough; never fails.</summary>
    internal Task RunAsync() => _lane.RunAsync(async () =>
    {
        try
        {
            while (await ReadAsync() is { } length && await AnswerAsync(length))
                Forget(length);
        }
        catch (IOException)
        {
            // The client is gone, or was cut off at its deadline.
        }

        _deadline.Dispose();
        await _connection.DisposeAsync();
        Release();
    });

    /// <summary>The length of the next request; 0 when it is too long; null when there is none to come.</summary>
    private async Task<int?> ReadAsync()
    {
        while (true)
        {
            var length = HttpRequest.LengthOf(_buffer.AsSpan(0, _count));
            if (length >= 0)
                return length;
            if (_count >= _limits.MaxRequestBytes)
                return 0;
            if (_count == 0)
            {
                // A connection that waits holds no memory.
                Release();
                await _connection.ReceiveAsync(Memory<byte>.Empty);
                _deadline.Change(_limits.RequestTimeout, Timeout.InfiniteTimeSpan);
                _buffer = ArrayPool<byte>.Shared.Rent(_limits.MaxRequestBytes);
            }

            var received = await _connection.ReceiveAsync(_buffer.AsMemory(_count, _limits.MaxRequestBytes - _count));
            if (received == 0)
                return null;
            _count += received;
        }
    }

    /// <summary>Answers the request at the front of the buffer; false when the connection is to end.</summary>
    private async Task<bool> AnswerAsync(int length)
    {
        var (request, refusal) = length == 0 ? (null, 431) : HttpRequest.Parse(_buffer.AsSpan(0, length));
        var isRead = request is { Method: "GET" or "HEAD" };
        var response = request is null ? HttpResponse.Text(refusal, HttpResponse.Reason(refusal))
            : !isRead ? HttpResponse.Text(405, "only GET and HEAD are served here")
            : await ServeAsync(request);
        using var body = response.Body;
        var keepsAlive = isRead && request!.KeepsAlive;
        var pieces = new List<ReadOnlyMemory<byte>> { HeadOf(response, keepsAlive) };
        if (request?.Method != "HEAD")
            pieces.AddRange(body.Pieces());
        _deadline.Change(_limits.SendTimeout, Timeout.InfiniteTimeSpan);
        await _connection.SendAsync(pieces);
        if (keepsAlive)
            _deadline.Change(_limits.IdleTimeout, Timeout.InfiniteTimeSpan);
        else if (!isRead)
            await TakeRestAsync();
        return keepsAlive;
    }

    // Closing upon bytes that nobody has read resets the connection, and the refusal may never be seen.
    private async ValueTask TakeRestAsync()
    {
        _deadline.Change(Linger, Timeout.InfiniteTimeSpan);
        for (var taken = 0; taken < MostLinger;)
        {
            var count = await _connection.ReceiveAsync(_buffer);
            if (count == 0)
                return;
            taken += count;
        }
    }

    // A page that fails costs its reader an answer, and the node nothing.
    private async Task<HttpResponse> ServeAsync(HttpRequest request)
    {
        try
        {
            return await _serve(request);
        }
        catch (Exception fault)
        {
            SayFailed(_log, request.Path, fault);
            return HttpResponse.Text(500, "the page could not be made; the node's log says why");
        }
    }

    private static byte[] HeadOf(HttpResponse response, bool keepsAlive)
    {
        var head = new StringBuilder()
            .Append("HTTP/1.1 ").Append(response.Status).Append(' ').Append(HttpResponse.Reason(response.Status))
            .Append("\r\nContent-Type: ").Append(response.ContentType)
            .Append("\r\nContent-Length: ").Append(response.Body.Length)
            .Append("\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n");
        if (response.Status == 405)
            head.Append("Allow: GET, HEAD\r\n");
        head.Append(keepsAlive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
        return Encoding.ASCII.GetBytes(head.ToString());
    }

    private void Forget(int length)
    {
        _buffer.AsSpan(length, _count - length).CopyTo(_buffer);
        _count -= length;
        if (_count > 0)
            _deadline.Change(_limits.RequestTimeout, Timeout.InfiniteTimeSpan);
    }

    private void Release()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    [LoggerMessage(LogLevel.Error, "The page {Path} could not be made")]
    private static partial void SayFailed(ILogger log, string path, Exception fault);
}
