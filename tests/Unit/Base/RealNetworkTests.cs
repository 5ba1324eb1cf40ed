using System.Net;
using System.Net.Sockets;
using Barnabas.Base;
using Barnabas.Base.Real;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Tests.Unit.Base;

public sealed class RealNetworkTests : IDisposable
{
    private readonly RealNetwork _network = new(NullLoggerFactory.Instance, new PoolLanes());
    private readonly RealDisk _disk = new();
    private readonly TemporaryDirectory _at = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _at.Dispose();

    [Fact]
    public async Task An_empty_receive_waits_for_bytes_and_takes_none()
    {
        var (here, there) = await ConnectAsync();
        var waiting = here.ReceiveAsync(Memory<byte>.Empty).AsTask();
        await Task.Delay(50, Stop);
        Assert.False(waiting.IsCompleted);
        await there.SendAsync([new byte[] { 1, 2 }]);
        Assert.Equal(0, await waiting);
        Assert.Equal(2, await here.ReceiveAsync(new byte[10]));

        waiting = here.ReceiveAsync(Memory<byte>.Empty).AsTask();
        await there.DisposeAsync();
        Assert.Equal(0, await waiting);
        Assert.Equal(0, await here.ReceiveAsync(new byte[10]));
        await here.DisposeAsync();
    }

    [Fact]
    public async Task Buffers_arrive_whole_and_in_order_however_slow_the_reader()
    {
        var (here, there) = await ConnectAsync();
        var buffers =
            Enumerable.Range(1, 200).Select(i => (ReadOnlyMemory<byte>)Pattern(i, i * 500)).ToList();
        var expected = buffers.SelectMany(b => b.ToArray()).ToArray();
        var sending = here.SendAsync(buffers).AsTask();
        Assert.Equal(expected, await ReadAsync(there, expected.Length, pauseEvery: 2_000_000));
        await sending;
        await here.DisposeAsync();
        await there.DisposeAsync();
    }

    [Fact]
    public async Task A_file_arrives_whole_however_slow_the_reader()
    {
        var bytes = Pattern(7, 30_000_000);
        await File.WriteAllBytesAsync(_at["a"], bytes, Stop);
        using var file = _disk.Open(_at["a"], OpenMode.Read);
        var (here, there) = await ConnectAsync();
        var sending = SendAsync();
        Assert.Equal(bytes[5..29_000_000], await ReadAsync(there, 28_999_995, pauseEvery: 5_000_000));
        await sending;
        await here.DisposeAsync();
        await there.DisposeAsync();

        async Task SendAsync()
        {
            await here.SendAsync([bytes.AsMemory(5, 95)], more: true);
            await here.SendFileAsync(new FileSlice(file, 100, 28_999_900));
        }
    }

    [Fact]
    public async Task A_file_that_is_shorter_than_its_slice_fails_the_send()
    {
        await File.WriteAllBytesAsync(_at["a"], new byte[100], Stop);
        using var file = _disk.Open(_at["a"], OpenMode.Read);
        var (here, there) = await ConnectAsync();
        await Assert.ThrowsAsync<IOException>(
            () => here.SendFileAsync(new FileSlice(file, 50, 100)).AsTask());
        await here.DisposeAsync();
        await there.DisposeAsync();
    }

    [Fact]
    public async Task Files_are_sent_by_the_kernel()
    {
        await File.WriteAllBytesAsync(_at["a"], Pattern(1, 3_000_000), Stop);
        var (trace, output, passed) = await ChildProcess.TraceAsync(
            $"-e trace=sendfile,pread64 -P {_at["a"]}",
            "Barnabas.Tests.Unit.Base.RealNetworkTests.Child_sends_a_file", _at["a"]);
        Assert.True(passed, output);
        Assert.Contains("sendfile(", trace, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task Child_sends_a_file()
    {
        using var file =
            _disk.Open(Environment.GetEnvironmentVariable(ChildProcess.Argument)!, OpenMode.Read);
        var (here, there) = await ConnectAsync();
        var reading = ReadAsync(there, 3_000_000, pauseEvery: int.MaxValue);
        await here.SendFileAsync(new FileSlice(file, 0, 3_000_000));
        Assert.Equal(Pattern(1, 3_000_000), await reading);
        // Were it not used any more, the collector might close it, and that resets the connection.
        await here.DisposeAsync();
        await there.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_follows_a_file_leaves_with_it_and_nothing_is_held_back_in_the_end(bool endsWithFile)
    {
        await File.WriteAllBytesAsync(_at["a"], Pattern(1, 10_000), Stop);
        var (trace, output, passed) = await ChildProcess.TraceAsync(
            "-e trace=setsockopt",
            $"Barnabas.Tests.Unit.Base.RealNetworkTests.Child_sends_files_{(endsWithFile ? "alone" : "and_more")}",
            _at["a"]);
        Assert.True(passed, output);
        var corks = trace.Split('\n').Where(line => line.Contains("TCP_CORK", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, corks.Count);
        Assert.Contains("[1]", corks[0], StringComparison.Ordinal);
        Assert.Contains("[0]", corks[1], StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public Task Child_sends_files_alone() => SendFilesAsync(endsWithFile: true);

    [Fact(Explicit = true)]
    public Task Child_sends_files_and_more() => SendFilesAsync(endsWithFile: false);

    [Fact]
    public async Task A_receive_ends_once_however_soon_it_is_looked_at()
    {
        // Whoever looks all the time sees the end as soon as there is one, and begins the next receive while the
        // thread that ended the last one is still about it.
        var (here, there) = await ConnectAsync();
        var echo = Task.Run(
            async () =>
            {
                var buffer = new byte[1];
                while (await there.ReceiveAsync(buffer) > 0)
                    await there.SendAsync([buffer]);
            },
            Stop);
        var answer = new byte[1];
        for (var i = 0; i < 50_000; i++)
        {
            await here.SendAsync([new[] { (byte)i }]);
            var receiving = here.ReceiveAsync(answer);
            while (i % 4 != 0 && !receiving.IsCompleted)
                Thread.SpinWait(i % 3);
            Assert.Equal(1, await receiving);
            Assert.Equal((byte)i, answer[0]);
        }

        await here.DisposeAsync();
        await echo;
        await there.DisposeAsync();
    }

    [Fact]
    public async Task An_abort_fails_what_is_under_way_at_both_ends()
    {
        var (here, there) = await ConnectAsync();
        var receiving = here.ReceiveAsync(new byte[10]).AsTask();
        var sending = here.SendAsync([new byte[50_000_000]]).AsTask();
        await Task.Delay(50, Stop);
        here.Abort();
        await Assert.ThrowsAsync<IOException>(() => receiving);
        await Assert.ThrowsAsync<IOException>(() => sending);
        await Assert.ThrowsAsync<IOException>(() => here.ReceiveAsync(new byte[10]).AsTask());
        await Assert.ThrowsAsync<IOException>(async () => await here.SendAsync([new byte[10]]));
        await Assert.ThrowsAsync<IOException>(() => ReadAsync(there, int.MaxValue, pauseEvery: int.MaxValue));
        here.Abort();
        await here.DisposeAsync();
        await there.DisposeAsync();
    }

    [Fact]
    public async Task A_port_has_one_listener_and_is_free_again_when_it_is_gone()
    {
        var listener = _network.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.Throws<IOException>(() => _network.Listen(listener.Local));
        var accepting = listener.AcceptAsync().AsTask();
        var client = await _network.DialAsync("127.0.0.1", listener.Local.Port, Stop);
        var server = await accepting ?? throw new IOException("nobody came");
        Assert.Equal(client.Local, server.Remote);
        Assert.Equal(client.Remote, server.Local);

        var waiting = listener.AcceptAsync().AsTask();
        await listener.DisposeAsync();
        Assert.Null(await waiting);
        Assert.Null(await listener.AcceptAsync());

        // Our end closes first and so lingers in TIME_WAIT, as after a restart of the broker.
        await server.DisposeAsync();
        await client.DisposeAsync();
        await _network.Listen(listener.Local).DisposeAsync();
    }

    [Fact]
    public async Task Accepted_connections_have_the_listeners_buffers()
    {
        var small = await TakenAsync(new() { SendBufferBytes = 4096, ReceiveBufferBytes = 4096 });
        Assert.InRange(small, 1, await TakenAsync(ListenSettings.Default) / 2);

        // What a connection takes of us while nobody reads at the other end.
        async Task<int> TakenAsync(ListenSettings settings)
        {
            var listener = _network.Listen(new IPEndPoint(IPAddress.Loopback, 0), settings);
            var accepting = listener.AcceptAsync().AsTask();
            var client = await _network.DialAsync("127.0.0.1", listener.Local.Port, Stop);
            var server = await accepting ?? throw new IOException("nobody came");
            var (taken, piece) = (0, new byte[4096]);
            var sending = server.SendAsync([piece]).AsTask();
            // The kernel may still be moving what it has taken to the other end.
            while (await Task.WhenAny(sending, Task.Delay(200, Stop)) == sending)
            {
                await sending;
                taken += piece.Length;
                sending = server.SendAsync([piece]).AsTask();
            }

            server.Abort();
            await Assert.ThrowsAsync<IOException>(() => sending);
            await client.DisposeAsync();
            await server.DisposeAsync();
            await listener.DisposeAsync();
            return taken;
        }
    }

    [Fact]
    public async Task Dialling_says_what_is_wrong()
    {
        var listener = _network.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await listener.DisposeAsync();
        var refused = await Assert.ThrowsAsync<IOException>(
            () => _network.DialAsync("localhost", listener.Local.Port, Stop).AsTask());
        Assert.Contains("refused", refused.Message, StringComparison.OrdinalIgnoreCase);
        var unknown = await Assert.ThrowsAsync<IOException>(
            () => _network.DialAsync("no-such-host.invalid", 9092, Stop).AsTask());
        Assert.Contains("no-such-host.invalid", unknown.Message, StringComparison.Ordinal);
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _network.DialAsync("localhost", listener.Local.Port, stop.Token).AsTask());
    }

    [Fact]
    public async Task A_listener_outlives_a_lack_of_descriptors()
    {
        var (trace, output, passed) = await ChildProcess.TraceAsync(
            "-e trace=accept4 -e inject=accept4:error=EMFILE:when=1..2",
            "Barnabas.Tests.Unit.Base.RealNetworkTests.Child_connects",
            "");
        Assert.True(passed, output);
        Assert.Contains("EMFILE", trace, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task Child_connects()
    {
        var (here, there) = await ConnectAsync();
        await here.SendAsync([new byte[1]]);
        Assert.Equal(1, await there.ReceiveAsync(new byte[1]));
    }

    [Fact]
    public async Task The_wildcard_of_version_6_takes_both_versions()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "no IPv6 here");
        var listener = _network.Listen(new IPEndPoint(IPAddress.IPv6Any, 0));
        foreach (var host in new[] { "127.0.0.1", "::1" })
        {
            var accepting = listener.AcceptAsync().AsTask();
            var client = await _network.DialAsync(host, listener.Local.Port, Stop);
            var server = await accepting ?? throw new IOException("nobody came");
            Assert.Equal(IPAddress.Parse(host), server.Remote.Address);
            await client.DisposeAsync();
            await server.DisposeAsync();
        }

        await listener.DisposeAsync();
    }

    [Fact]
    public async Task What_awaits_on_a_lane_goes_on_there()
    {
        var lanes = new PoolLanes();
        var (here, there) = await ConnectAsync();
        var lane = lanes.NewLane("reader");
        var onLane = lane.RunAsync(async () =>
        {
            var all = true;
            for (var i = 0; i < 1000; i++)
            {
                await here.ReceiveAsync(Memory<byte>.Empty);
                all &= SynchronizationContext.Current == lane;
                await here.ReceiveAsync(new byte[1]);
                await here.SendAsync([new byte[1]]);
            }

            return all;
        });
        for (var i = 0; i < 1000; i++)
        {
            await there.SendAsync([new byte[1]]);
            Assert.Equal(1, await there.ReceiveAsync(new byte[1]));
        }

        Assert.True(await onLane);
    }

    private async Task SendFilesAsync(bool endsWithFile)
    {
        using var file =
            _disk.Open(Environment.GetEnvironmentVariable(ChildProcess.Argument)!, OpenMode.Read);
        var bytes = Pattern(1, 10_000);
        var (here, there) = await ConnectAsync();
        await here.SendAsync([bytes.AsMemory(0, 10)], more: true);
        await here.SendFileAsync(new FileSlice(file, 10, 4_990), more: true);
        if (endsWithFile)
            await here.SendFileAsync(new FileSlice(file, 5_000, 5_000));
        else
            await here.SendAsync([bytes.AsMemory(5_000)]);
        Assert.Equal(bytes, await ReadAsync(there, 10_000, pauseEvery: int.MaxValue));
        await here.DisposeAsync();
        await there.DisposeAsync();
    }

    private static byte[] Pattern(int seed, int size)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static async Task<byte[]> ReadAsync(IConnection connection, int size, int pauseEvery)
    {
        var read = new MemoryStream();
        var buffer = new byte[100_000];
        var nextPause = pauseEvery;
        while (read.Length < size)
        {
            var count = await connection.ReceiveAsync(
                buffer.AsMemory(0, (int)Math.Min(buffer.Length, size - read.Length)));
            if (count == 0)
                break;
            await read.WriteAsync(buffer.AsMemory(0, count));
            if (read.Length < nextPause)
                continue;
            nextPause += pauseEvery;
            await Task.Delay(10);
        }

        return read.ToArray();
    }

    private async Task<(IConnection Here, IConnection There)> ConnectAsync()
    {
        var listener = _network.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var accepting = listener.AcceptAsync().AsTask();
        var here = await _network.DialAsync("127.0.0.1", listener.Local.Port, Stop);
        var there = await accepting ?? throw new IOException("nobody came");
        await listener.DisposeAsync();
        return (here, there);
    }
}
