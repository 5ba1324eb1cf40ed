using Barnabas.Base;
using Barnabas.Wire;
using Microsoft.Extensions.Logging;

namespace Barnabas.Keeper;

/// <summary>One session with an ensemble: it goes from server to server, and ends when a server says so or it is
/// closed. Owned by one lane.</summary>
internal sealed partial class KeeperSession : IAsyncDisposable
{
    private static readonly TimeSpan CloseWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SilenceBetweenWarnings = TimeSpan.FromSeconds(10);
    private readonly Host _host;
    private readonly Lane _lane;
    private readonly KeeperSettings _settings;
    private readonly ILogger _log;
    private readonly KeeperAddress[] _servers;
    private readonly Queue<PendingRequest> _waiting = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<KeeperCredentials> _credentials;
    private Task _running = Task.CompletedTask;
    private string _why = "";
    private Link? _link;
    private ReadOnlyMemory<byte> _password = new byte[16];
    private long _lastZxid;
    private int _nextServer;
    private int _failures;
    private long? _warnedAt;
    private int _xid;
    private bool _closing;

    public KeeperSession(Host host, Lane lane, KeeperSettings settings)
    {
        (_host, _lane, _settings) = (host, lane, settings);
        _log = host.Log.CreateLogger<KeeperClient>();
        _credentials = [.. settings.Credentials];
        _servers = [.. settings.Connect.Servers];
        for (var i = _servers.Length; i > 1; i--)
        {
            var other = host.Random.Next(i);
            (_servers[i - 1], _servers[other]) = (_servers[other], _servers[i - 1]);
        }

        Timeout = settings.SessionTimeout;
    }

    public KeeperState State { get; private set; } = KeeperState.Connecting;

    public Action<KeeperState> Changed { get; set; } = static _ => { };

    public WatchTable Watches { get; } = new();

    public long Id { get; private set; }

    public TimeSpan Timeout { get; private set; }

    public long LastContact { get; private set; }

    private bool IsOver => State is not (KeeperState.Connecting or KeeperState.Connected);

    public void Start() => _running = Lane.BeginHereAsync(RunAsync);

    /// <summary>The number of the next request.</summary>
    public int NextXid() => _xid = _xid == int.MaxValue ? 1 : _xid + 1;

    /// <summary>Sends a request now, or when a server is found.</summary>
    public void Send(PendingRequest request)
    {
        if (IsOver)
            request.Fail(HowItEnded());
        else if (State == KeeperState.Connected && _link is { } link)
            link.Send(request);
        else
            _waiting.Enqueue(request);
    }

    /// <summary>Says who the client is, now and to each server to come.</summary>
    public Task<KeeperAnswer<bool>> AuthenticateAsync(KeeperCredentials credentials)
    {
        _credentials.Add(credentials);
        var request = AuthRequest(credentials, null);
        if (State == KeeperState.Connected && _link is { } link)
            link.Send(request);
        else
            request.Fail(IsOver ? HowItEnded() : KeeperError.None);
        return request.Task;
    }

    /// <summary>Ends the session; a server that does not hear of it ends it when its time is over.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing)
        {
            await _running;
            return;
        }

        _closing = true;
        if (State == KeeperState.Connected && _link is { } link)
        {
            await using var late = _host.Time.CreateTimer(
                _ => _lane.Post(link.Abort), null, CloseWait, System.Threading.Timeout.InfiniteTimeSpan);
            var w = new JuteWriter();
            var xid = NextXid();
            w.WriteInt32(xid);
            w.WriteInt32((int)KeeperOp.CloseSession);
            var request = new PendingRequest<bool>(xid, w.ToFrame(), static (ref _) => true, null);
            link.Send(request);
            await request.Task;
            link.Abort();
        }

        Stop();
        await _running;
        _stop.Dispose();
        End(KeeperState.Closed);
    }

    // Not awaited: that would go on among the threads of the pool.
    private void Stop() => _stop.Cancel();

    private async Task RunAsync()
    {
        while (!_closing && !IsOver)
        {
            var server = _servers[_nextServer++ % _servers.Length];
            if (await OpenAsync(server) is not { } link)
            {
                Warn();
                await PauseAsync();
                continue;
            }

            // Who closed meanwhile saw no server to say so to.
            if (_closing)
            {
                link.Dispose();
                break;
            }

            (_failures, _warnedAt) = (0, null);
            LogConnected(server.ToString(), Id, Timeout.TotalSeconds);
            Resume(link);
            var why = await link.RunAsync();
            Suspend(link);
            LogLost(server.ToString(), Id, why);
            await PauseAsync();
        }
    }

    /// <summary>Says that no server can be had, once each was asked, and again from time to time.</summary>
    private void Warn()
    {
        var isTime = _warnedAt is not { } last || _host.Time.GetElapsedTime(last) >= SilenceBetweenWarnings;
        if (_closing || IsOver || !isTime || _failures + 1 < _servers.Length)
            return;
        _warnedAt = _host.Time.GetTimestamp();
        LogNobody(_settings.Connect.ToString(), _why);
    }

    // Renewed watches stand before anything that was asked later, so who reads once connected misses nothing.
    private void Resume(Link link)
    {
        foreach (var frame in Watches.Renewals(_lastZxid))
            link.Send(new PendingRequest<bool>(Link.WatchesXid, frame, static (ref _) => true, null));
        while (_waiting.TryDequeue(out var request))
            link.Send(request);
        _link = link;
        Turn(KeeperState.Connected);
    }

    private void Suspend(Link link)
    {
        _link = null;
        var later = _waiting.ToArray();
        _waiting.Clear();
        foreach (var request in link.Unsent().Where(static r => r.Xid > 0).Concat(later))
            _waiting.Enqueue(request);
        link.Dispose();
        if (!IsOver)
            Turn(KeeperState.Connecting);
    }

    private async Task<Link?> OpenAsync(KeeperAddress server)
    {
        var patience = _settings.SessionTimeout / _servers.Length;
        using var late = new CancellationTokenSource(patience, _host.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _stop.Token);
        Link? link = null;
        try
        {
            var connection = await _host.Network.DialAsync(server.Host, server.Port, either.Token);
            if (_settings.Tls is { } tls)
                connection = await _host.Network.EncryptAsync(connection, tls, server.Host, either.Token);
            link = new Link(_host, _lane, connection, _settings.MaxAnswerBytes, patience)
            {
                OnEvent = Watches.Tell,
                OnAnswer = Note,
            };
            if (await GreetAsync(link, server))
                return link;
        }
        catch (Exception fault) when (fault is IOException or MalformedFrameException or OperationCanceledException)
        {
            Unreachable(server, fault.Message);
        }

        link?.Dispose();
        return null;
    }

    private void Unreachable(KeeperAddress server, string why)
    {
        _why = $"{server}: {why}";
        LogUnreachable(server.ToString(), why);
    }

    private async Task<bool> GreetAsync(Link link, KeeperAddress server)
    {
        var sent = _host.Time.GetTimestamp();
        var request = new ConnectRequest(_lastZxid, (int)_settings.SessionTimeout.TotalMilliseconds, Id, _password);
        // A server closes without a word when it is behind what the session has seen, or has no ensemble.
        if (await link.ConnectAsync(request) is not { } response)
        {
            Unreachable(server, "it closed the connection");
            return false;
        }

        if (response.TimeoutMs <= 0)
        {
            LogExpired(Id);
            End(KeeperState.Expired);
            return false;
        }

        if (response.IsReadOnly)
        {
            Unreachable(server, "it may only be read");
            return false;
        }

        (Id, _password) = (response.SessionId, response.Password.ToArray());
        Timeout = TimeSpan.FromMilliseconds(response.TimeoutMs);
        Note(0, sent);
        link.Keep(Timeout);
        return await LogInAsync(link);
    }

    private async Task<bool> LogInAsync(Link link)
    {
        if (_settings.Login is { } login && !await SaslExchange.RunAsync(_host, link, login, NextXid))
        {
            LogNotBelieved(Id);
            End(KeeperState.AuthFailed);
            return false;
        }

        foreach (var credentials in _credentials)
        {
            KeeperError? answer = null;
            link.Send(AuthRequest(credentials, got => answer = got.Error));
            while (answer is null)
            {
                if (!await link.ReadOneAsync())
                    return false;
            }

            if (answer == KeeperError.None)
                continue;
            LogNotBelieved(Id);
            End(KeeperState.AuthFailed);
            return false;
        }

        return true;
    }

    private static PendingRequest<bool> AuthRequest(KeeperCredentials credentials, Action<KeeperAnswer<bool>>? answered)
    {
        var w = new JuteWriter();
        w.WriteInt32(Link.AuthXid);
        w.WriteInt32((int)KeeperOp.Auth);
        w.WriteInt32(0);
        w.WriteString(credentials.Scheme);
        w.WriteBytes(credentials.Proof.Span);
        return new PendingRequest<bool>(Link.AuthXid, w.ToFrame(), static (ref _) => true, answered);
    }

    private void Note(long zxid, long sentAt)
    {
        _lastZxid = Math.Max(_lastZxid, zxid);
        LastContact = Math.Max(LastContact, sentAt);
    }

    private void End(KeeperState state)
    {
        if (IsOver)
            return;
        Turn(state);
        while (_waiting.TryDequeue(out var request))
            request.Fail(HowItEnded());
    }

    private void Turn(KeeperState state)
    {
        State = state;
        Changed(state);
    }

    private KeeperError HowItEnded() =>
        State == KeeperState.AuthFailed ? KeeperError.AuthFailed : KeeperError.SessionExpired;

    private async Task PauseAsync()
    {
        var most = FirstPause * Math.Pow(2, Math.Min(_failures++, 10));
        var pause = TimeSpan.FromMilliseconds(
            1 + _host.Random.Next((int)Math.Min(most.TotalMilliseconds, LongestPause.TotalMilliseconds)));
        if (_closing || IsOver)
            return;
        try
        {
            await Task.Delay(pause, _host.Time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The session is being closed.
        }
    }

    [LoggerMessage(
        LogLevel.Information,
        "Connected to ZooKeeper at {Server}, session 0x{Session:x}, which may be silent for {Timeout} s")]
    private partial void LogConnected(string server, long session, double timeout);

    [LoggerMessage(LogLevel.Warning, "Lost ZooKeeper at {Server}, session 0x{Session:x}: {Why}")]
    private partial void LogLost(string server, long session, string why);

    [LoggerMessage(LogLevel.Debug, "No ZooKeeper at {Server}: {Why}")]
    private partial void LogUnreachable(string server, string why);

    [LoggerMessage(LogLevel.Warning, "No ZooKeeper at {Connect} so far; it is waited for. Asked last, {Why}")]
    private partial void LogNobody(string connect, string why);

    [LoggerMessage(LogLevel.Warning, "ZooKeeper has ended session 0x{Session:x}")]
    private partial void LogExpired(long session);

    [LoggerMessage(LogLevel.Error, "ZooKeeper does not believe who we are, session 0x{Session:x}")]
    private partial void LogNotBelieved(long session);
}
