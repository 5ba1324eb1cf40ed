using Barnabas.Base;
using Barnabas.Server;
using Barnabas.Sim;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Server;

/// <summary>A server in a simulated world, and clients that send it raw bytes.</summary>
internal sealed class ServerStory
{
    public const int Port = 9092;

    public ServerStory(
        int seed = 1,
        ConnectionLimits? limits = null,
        SocketServerOptions? options = null,
        Action<World>? prepare = null,
        Func<Host, Host>? dress = null,
        Func<World, SocketServerOptions>? optionsOf = null)
    {
        World = new World(seed);
        prepare?.Invoke(World);
        Host = World.NewHost(new NoDisk());
        Host = dress?.Invoke(Host) ?? Host;
        Apis.Add(new ApiVersionsApi(Apis, () => Features));
        Apis.Add(Echo);
        Server = new SocketServer(
            Host, Apis, (options ?? optionsOf?.Invoke(World) ?? new()) with { PoisonReleasedMemory = true }, Halts.Add);
        var listener = new ListenerOptions("PLAINTEXT", new(System.Net.IPAddress.Any, Port));
        Server.Bind(listener with { Limits = limits ?? new() });
    }

    public World World { get; }

    public Host Host { get; }

    public ApiTable Apis { get; } = new();

    public EchoHandler Echo { get; } = new();

    public Features Features { get; set; } = Features.None;

    public SocketServer Server { get; }

    public List<Exception> Halts { get; } = [];

    public void Tell(Func<Task> story, TimeSpan? limit = null)
    {
        Server.Open();
        World.Run(story, limit ?? TimeSpan.FromHours(1));
    }

    public async Task<RawClient> DialAsync(string from = "127.0.0.1") =>
        new(await World.Network.At(System.Net.IPAddress.Parse(from)).DialAsync("localhost", Port, default));

    public Task Pause(TimeSpan time) => Task.Delay(time, World);

    /// <summary>Answers SaslAuthenticate, of all APIs, with the bytes it was sent: they alias the
    /// frame.</summary>
    internal sealed class EchoHandler : IApiHandler<SaslAuthenticateRequest, SaslAuthenticateResponse>
    {
        public Way Serve { get; set; } = static (_, request) => Answer(request);

        public delegate Pending<SaslAuthenticateResponse> Way(
            RequestContext context, SaslAuthenticateRequest request);

        public int Calls { get; private set; }

        public static SaslAuthenticateResponse Answer(SaslAuthenticateRequest request) =>
            new() { AuthBytes = request.AuthBytes };

        public Pending<SaslAuthenticateResponse> Handle(
            RequestContext context, SaslAuthenticateRequest request)
        {
            Calls++;
            return Serve(context, request);
        }
    }

    private sealed class NoDisk : IDisk
    {
        public DiskFile Open(string path, OpenMode mode) => throw new IOException("no disk");

        public bool FileExists(string path) => false;

        public bool DirectoryExists(string path) => false;

        public IReadOnlyList<DiskEntry> List(string directory) => [];

        public void CreateDirectory(string path) => throw new IOException("no disk");

        public void Rename(string from, string to) => throw new IOException("no disk");

        public void DeleteFile(string path) => throw new IOException("no disk");

        public void DeleteDirectory(string path) => throw new IOException("no disk");

        public void SyncDirectory(string path) => throw new IOException("no disk");

        public IDisposable? TryLock(string path) => null;

        public (long Total, long Free) Space(string path) => (0, 0);
    }
}
