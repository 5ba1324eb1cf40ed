using System.Net;
using System.Text;
using Barnabas.Base;
using Barnabas.Http;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Http;

/// <summary>An HTTP server in a simulated world, and clients that send it raw bytes.</summary>
internal sealed class HttpStory(int seed = 1)
{
    private const int Port = 8080;

    public World World { get; } = new(seed);

    public HttpLimits Limits { get; init; } = new();

    public Func<HttpRequest, Task<HttpResponse>> Serve { get; init; } =
        request => Task.FromResult(HttpResponse.Text(200, $"{request.Method} {request.Path} {request.Query}"));

    public void Tell(Func<Task> story) => World.Run(
        async () =>
        {
            var host = World.NewHost(new SimDisk(1, World));
            await using var server = new HttpServer(host, new IPEndPoint(IPAddress.Loopback, Port), Limits, Serve);
            await story();
        },
        TimeSpan.FromHours(1));

    public async Task<IConnection> DialAsync() => await World.Network.DialAsync("127.0.0.1", Port, default);

    /// <summary>What comes back for some bytes until the server closes or has nothing more to say.</summary>
    public async Task<string> AskAsync(string bytes, bool untilClosed = true)
    {
        await using var connection = await DialAsync();
        await SendAsync(connection, bytes);
        return untilClosed ? await ReadAllAsync(connection) : await ReadOneAsync(connection);
    }

    public static ValueTask SendAsync(IConnection connection, string bytes) =>
        connection.SendAsync([Encoding.Latin1.GetBytes(bytes)]);

    public static async Task<string> ReadAllAsync(IConnection connection)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await connection.ReceiveAsync(buffer) is > 0 and var count)
                text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
        catch (IOException)
        {
            text.Append("(cut)");
        }

        return text.ToString();
    }

    /// <summary>One answer with its body, by its Content-Length.</summary>
    public static async Task<string> ReadOneAsync(IConnection connection)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            Assert.Equal(1, await connection.ReceiveAsync(one));
            text.Append((char)one[0]);
        }

        var length = int.Parse(text.ToString().Split("Content-Length: ")[1].Split('\r')[0]);
        for (var i = 0; i < length; i++)
        {
            Assert.Equal(1, await connection.ReceiveAsync(one));
            text.Append((char)one[0]);
        }

        return text.ToString();
    }
}
