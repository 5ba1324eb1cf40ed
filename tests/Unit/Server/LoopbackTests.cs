using System.Net;
using Barnabas.Base;
using Barnabas.Base.Real;
using Barnabas.Server;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Tests.Unit.Server;

/// <summary>The server over real sockets and the real pool: what the simulated world cannot show.</summary>
public sealed class LoopbackTests : IAsyncLifetime
{
    private readonly Host _host = RealHost.Create(NullLoggerFactory.Instance);
    private readonly ServerStory.EchoHandler _echo = new();
    private readonly FileHandler _files = new();
    private readonly List<Exception> _halts = [];
    private readonly Unit.Base.TemporaryDirectory _at = new();
    private SocketServer _server = null!;
    private int _port;

    public ValueTask InitializeAsync()
    {
        var apis = new ApiTable();
        apis.Add(_echo);
        apis.Add(_files);
        _server = new SocketServer(
            _host, apis, new SocketServerOptions { PoisonReleasedMemory = true }, _halts.Add);
        _port = _server.Bind(new ListenerOptions("PLAINTEXT", new IPEndPoint(IPAddress.Loopback, 0))).Port;
        _server.Open();
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _at.Dispose();
        Assert.Empty(_halts);
        Assert.Equal(0, _server.RequestMemoryUsed);
    }

    [Fact]
    public async Task Many_clients_pipeline_and_get_what_they_sent()
    {
        _echo.Serve = (context, request) => context.CorrelationId % 3 == 0
            ? Pending<SaslAuthenticateResponse>.Overlapping(ElsewhereAsync(request))
            : ServerStory.EchoHandler.Answer(request);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(TalkAsync));

        async Task TalkAsync(int client)
        {
            var raw = await DialAsync();
            var random = new Random(client);
            for (var round = 0; round < 20; round++)
            {
                var texts =
                    Enumerable.Range(0, 30).Select(_ => Pattern(random.Next(), random.Next(3000))).ToArray();
                var sending = raw.SendAsync(texts.Select((text, i) => RawClient.Echo(i, text))).AsTask();
                for (var i = 0; i < texts.Length; i++)
                {
                    var (id, bytes) = await raw.ReadEchoAsync();
                    Assert.Equal(i, id);
                    Assert.Equal(texts[i], bytes);
                }

                await sending;
            }

            await raw.Connection.DisposeAsync();
        }

        async Task<SaslAuthenticateResponse?> ElsewhereAsync(SaslAuthenticateRequest request)
        {
            await _host.Lanes.RunBlockingAsync(() => 0);
            return ServerStory.EchoHandler.Answer(request);
        }
    }

    [Fact]
    public async Task Large_requests_and_answers_pass()
    {
        var raw = await DialAsync();
        foreach (var size in new[] { 1_000_000, 20_000_000, 3 })
        {
            var bytes = Pattern(size, size);
            var sending = raw.SendAsync(RawClient.Echo(size, bytes)).AsTask();
            var (id, answer) = await raw.ReadEchoAsync();
            await sending;
            Assert.Equal(size, id);
            Assert.True(bytes.AsSpan().SequenceEqual(answer));
        }
    }

    [Fact]
    public async Task File_slices_go_out_between_the_pieces_of_an_answer_and_are_released()
    {
        var bytes = Pattern(3, 2_500_000);
        await File.WriteAllBytesAsync(_at["log"], bytes, TestContext.Current.CancellationToken);
        var file = _host.Disk.Open(_at["log"], OpenMode.Read);
        _files.File = file;
        var raw = await DialAsync();
        var request = new FetchRequest { MaxBytes = 1 };
        await raw.SendAsync(Enumerable.Range(0, 5).Select(i => RawClient.Request(request, 12, i)));
        for (var i = 0; i < 5; i++)
        {
            var reader = new WireReader(await raw.ReadAsync());
            Assert.Equal(i, reader.ReadInt32());
            Assert.Equal(0, reader.ReadTagCount());
            var answer = FetchResponse.Read(ref reader, 12);
            var parts = answer.Responses[0].Partitions;
            Assert.True(bytes.AsSpan(0, 100).SequenceEqual(parts[0].Records!.Value.Memory.Span));
            Assert.True(bytes.AsSpan(100, 2_000_000).SequenceEqual(parts[1].Records!.Value.Memory.Span));
            Assert.True(bytes.AsSpan(2_000_100).SequenceEqual(parts[2].Records!.Value.Memory.Span));
        }

        file.Dispose();
        Assert.False(file.TryRetain());
    }

    [Fact]
    public async Task Slices_that_are_never_sent_are_released_too()
    {
        await File.WriteAllBytesAsync(_at["log"], new byte[2_500_000], TestContext.Current.CancellationToken);
        var file = _host.Disk.Open(_at["log"], OpenMode.Read);
        _files.File = file;
        var raw = await DialAsync();
        var requests = Enumerable.Range(0, 50).Select(i => RawClient.Request(new FetchRequest(), 12, i));
        await raw.SendAsync(requests);
        await raw.ReadAsync();
        raw.Connection.Abort();
        await _server.StopAsync(TimeSpan.FromSeconds(5));
        file.Dispose();
        Assert.False(file.TryRetain());
    }

    [Fact]
    public async Task Connections_that_come_and_go_leave_nothing()
    {
        for (var round = 0; round < 30; round++)
        {
            var clients = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => DialAsync()));
            foreach (var (client, i) in clients.Select((client, i) => (client, i)))
            {
                await client.SendAsync(RawClient.Echo(i, new byte[10_000])[..(i % 2 == 0 ? 10_000 : 50)]);
                if (i % 3 == 0)
                    client.Connection.Abort();
                else
                    await client.Connection.DisposeAsync();
            }
        }

        for (var tries = 0; await _server.CountAsync() > 0; tries++)
        {
            Assert.True(tries < 500, "connections stay");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private static byte[] Pattern(int seed, int size)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private async Task<RawClient> DialAsync() =>
        new(await _host.Network.DialAsync("127.0.0.1", _port, default));

    private sealed class FileHandler : IApiHandler<FetchRequest, FetchResponse>
    {
        public DiskFile? File { get; set; }

        public Pending<FetchResponse> Handle(RequestContext context, FetchRequest request)
        {
            var answer = new FetchResponse();
            answer.Responses.Add(new() { Topic = "t" });
            foreach (var (position, length) in new[] { (0, 100), (100, 2_000_000), (2_000_100, 499_900) })
            {
                Assert.True(File!.TryRetain());
                answer.Responses[0].Partitions.Add(
                    new() { Records = new RecordBytes([new FileSlice(File, position, length)]) });
            }

            return answer;
        }
    }
}
