using System.Buffers.Binary;
using System.Net;
using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Client;

/// <summary>A broker that answers as it is told: by a script of answers first, then by a rule an API.</summary>
internal sealed class FakeBroker
{
    private readonly Host _host;
    private readonly IListener _listener;
    private readonly Dictionary<ApiKey, Api> _apis = [];
    private readonly List<IConnection> _connections = [];

    public FakeBroker(Host host, int port = 9092)
    {
        _host = host;
        _listener = host.Network.Listen(new IPEndPoint(IPAddress.Loopback, port));
        Port = port;
        On<ApiVersionsRequest, ApiVersionsResponse>((_, _) => ApiVersions());
        _ = host.Lanes.NewLane("fake").RunAsync(AcceptAsync);
    }

    public int Port { get; }

    /// <summary>Every request, in the order they came.</summary>
    public List<(ApiKey Key, short Version, object Request)> Requests { get; } = [];

    /// <summary>How many connections were made.</summary>
    public int Dialled => _connections.Count;

    /// <summary>The levels of features that are in force.</summary>
    public Dictionary<string, short> Features { get; } = [];

    /// <summary>Requests of one kind.</summary>
    public List<TRequest> Of<TRequest>() => [.. Requests.Select(r => r.Request).OfType<TRequest>()];

    /// <summary>The rule of an API; null answers nothing.</summary>
    public void On<TRequest, TResponse>(
        Func<TRequest, short, TResponse?> answer, short? first = null, short? last = null)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse> =>
        OnLater<TRequest, TResponse>((request, version) => Task.FromResult(answer(request, version)), first, last);

    /// <summary>The rule of an API that takes its time.</summary>
    public void OnLater<TRequest, TResponse>(
        Func<TRequest, short, Task<TResponse?>> answer, short? first = null, short? last = null)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse>
    {
        var api = new Api(first ?? TRequest.FirstVersion, last ?? TRequest.LastVersion, TRequest.IsFlexible)
        {
            Read = (ref WireReader r, short v) => TRequest.Read(ref r, v),
            Answer = async (request, version) => await answer((TRequest)request, version),
        };
        _apis[TRequest.ApiKey] = api;
    }

    /// <summary>The next request of an API is answered so, once.</summary>
    public void Next<TRequest, TResponse>(Func<TRequest, short, TResponse?> answer)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse> =>
        _apis[TRequest.ApiKey].Script.Enqueue((request, version) => answer((TRequest)request, version));

    /// <summary>The next request of an API costs the connection.</summary>
    public void DropNext(ApiKey key) =>
        _apis[key].Script.Enqueue((_, _) => throw new IOException("dropped by the script"));

    /// <summary>Cuts all connections.</summary>
    public void Cut()
    {
        foreach (var connection in _connections)
            connection.Abort();
    }

    /// <summary>What it says it serves.</summary>
    public ApiVersionsResponse ApiVersions() => new()
    {
        ApiKeys =
        [
            .. _apis.Select(a => new ApiVersionsResponse.ApiVersion
            {
                ApiKey = (short)a.Key, MinVersion = a.Value.First, MaxVersion = a.Value.Last,
            }),
        ],
        FinalizedFeatures =
        [
            .. Features.Select(f => new ApiVersionsResponse.FinalizedFeatureKey
            {
                Name = f.Key, MaxVersionLevel = f.Value, MinVersionLevel = f.Value,
            }),
        ],
    };

    private async Task AcceptAsync()
    {
        while (await _listener.AcceptAsync() is { } connection)
        {
            _connections.Add(connection);
            _ = _host.Lanes.NewLane("fake connection").RunAsync(() => ServeAsync(connection));
        }
    }

    private async Task ServeAsync(IConnection connection)
    {
        try
        {
            while (await FrameAsync(connection) is { } frame)
            {
                if (await HandleAsync(frame) is not { } answer)
                    continue;
                var length = new byte[4];
                BinaryPrimitives.WriteInt32BigEndian(length, answer.Length);
                await connection.SendAsync([length, answer]);
            }
        }
        catch (IOException)
        {
            connection.Abort();
        }
    }

    private async Task<byte[]?> HandleAsync(byte[] frame)
    {
        var key = (ApiKey)BinaryPrimitives.ReadInt16BigEndian(frame);
        var version = BinaryPrimitives.ReadInt16BigEndian(frame.AsSpan(2));
        var api = _apis[key];
        if (key == ApiKey.ApiVersions && version > api.Last)
            return Refusal(frame, api);
        var (header, request) = Read(frame, api, version);
        Requests.Add((key, version, request));
        var given = api.Script.TryDequeue(out var scripted)
            ? scripted(request, version)
            : await api.Answer!(request, version);
        if (given is not { } answer)
            return null;
        using var outgoing = new OutgoingFrame();
        var isFlexible = api.IsFlexible(version) && key != ApiKey.ApiVersions;
        outgoing.Write(new ResponseHeader { CorrelationId = header.CorrelationId }, isFlexible ? (short)1 : (short)0);
        outgoing.Write(answer, version);
        return outgoing.ToArray();
    }

    private static (RequestHeader Header, object Request) Read(byte[] frame, Api api, short version)
    {
        var reader = new WireReader(frame);
        var header = RequestHeader.Read(ref reader, api.IsFlexible(version) ? (short)2 : (short)1);
        var request = api.Read!(ref reader, version);
        reader.End();
        return (header, request);
    }

    private static byte[] Refusal(byte[] frame, Api api)
    {
        using var outgoing = new OutgoingFrame();
        outgoing.Write(
            new ResponseHeader { CorrelationId = BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(4)) }, 0);
        outgoing.Write(
            new ApiVersionsResponse
            {
                ErrorCode = ErrorCode.UnsupportedVersion,
                ApiKeys = [new() { ApiKey = (short)ApiKey.ApiVersions, MinVersion = api.First, MaxVersion = api.Last }],
            },
            0);
        return outgoing.ToArray();
    }

    private static async Task<byte[]?> FrameAsync(IConnection connection)
    {
        var length = await FillAsync(connection, new byte[4]);
        return length is null
            ? null
            : await FillAsync(connection, new byte[BinaryPrimitives.ReadInt32BigEndian(length)]);
    }

    private static async Task<byte[]?> FillAsync(IConnection connection, byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var received = await connection.ReceiveAsync(bytes.AsMemory(at));
            if (received == 0)
                return null;
            at += received;
        }

        return bytes;
    }

    private delegate object ReadRequest(ref WireReader reader, short version);

    private sealed class Api(short first, short last, Func<short, bool> isFlexible)
    {
        public short First => first;

        public short Last => last;

        public Func<short, bool> IsFlexible => isFlexible;

        public ReadRequest? Read { get; init; }

        public Func<object, short, Task<IMessage?>>? Answer { get; init; }

        public Queue<Func<object, short, IMessage?>> Script { get; } = new();
    }
}
