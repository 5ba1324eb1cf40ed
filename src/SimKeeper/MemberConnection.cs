using Barnabas.Base;
using Barnabas.Keeper;
using Barnabas.Wire;

namespace Barnabas.SimKeeper;

/// <summary>One client of a simulated server: its frames in, answers and events out, in order.</summary>
internal sealed class MemberConnection(SimEnsemble ensemble, SimMember member, IConnection connection)
{
    private readonly JuteFrames _frames = new(connection, ensemble.MaxFrameBytes);
    private readonly Queue<ReadOnlyMemory<byte>> _outgoing = new();
    private readonly MemberWatches _watches = new();
    private Task _sending = Task.CompletedTask;
    private SimSession? _session;
    private bool _isUnheard;
    private bool _ended;

    /// <summary>The session; 0 before it is known.</summary>
    public long Session => _session?.Id ?? 0;

    /// <summary>Serves until the connection ends, for whatever reason.</summary>
    public async Task RunAsync()
    {
        try
        {
            if (await GreetAsync())
            {
                while (!_ended && await _frames.ReadAsync() is { } frame)
                    await ServeAsync(frame);
            }

            await _sending;
        }
        catch (Exception fault) when (fault is IOException or MalformedFrameException)
        {
            _ended = true;
        }

        _ended = true;
        await connection.DisposeAsync();
    }

    /// <summary>Ends the connection at once.</summary>
    public void Abort()
    {
        _ended = true;
        connection.Abort();
    }

    /// <summary>Ends the connection once what is to be sent was sent.</summary>
    public void EndSoon()
    {
        _ended = true;
        _ = EndAsync();
    }

    /// <summary>Tells the client, where it watches.</summary>
    public void Tell(WatchEvent happened)
    {
        if (_session is not null && _watches.Concerns(happened))
            SendEvent(happened);
    }

    private async Task EndAsync()
    {
        await _sending;
        connection.Abort();
    }

    private async Task<bool> GreetAsync()
    {
        if (await _frames.ReadAsync() is not { } frame)
            return false;
        await member.UnpausedAsync();
        var request = Read(frame);
        if (ensemble.Unheard.Contains(request.SessionId))
            return false;
        // A client that has seen more than this member would see time go back.
        if (request.LastZxid > member.Tree.Zxid)
            return false;
        _session = ensemble.Take(request);
        if (_session is null)
        {
            Enqueue(new ConnectResponse(0, 0, new byte[16], false).ToFrame());
            return false;
        }

        ensemble.Touch(_session);
        Enqueue(new ConnectResponse(
            (int)_session.Timeout.TotalMilliseconds, _session.Id, _session.Password, false).ToFrame());
        return true;
    }

    private static ConnectRequest Read(byte[] frame)
    {
        var r = new JuteReader(frame);
        return ConnectRequest.Read(ref r);
    }

    private async Task ServeAsync(byte[] frame)
    {
        await member.UnpausedAsync();
        // A stream has no gaps: what comes behind the first that is not heard is not heard either.
        _isUnheard |= ensemble.Unheard.Contains(Session);
        if (_isUnheard)
            return;
        if (_session is null || ensemble.Find(_session.Id) is null)
        {
            Abort();
            return;
        }

        ensemble.Touch(_session);
        var (xid, operation) = Header(frame);
        var fate = operation == KeeperOp.Ping ? RequestFate.Served : ensemble.Fate(operation);
        if (fate == RequestFate.LostBefore)
        {
            Abort();
            return;
        }

        if (operation == KeeperOp.CloseSession)
        {
            await CloseSessionAsync(_session, xid, frame);
            return;
        }

        var answering = MemberRequests.AnswerAsync(member, _session.Id, _watches, xid, frame);
        if (fate == RequestFate.LostAfter)
        {
            Abort();
            return;
        }

        var (answer, happened) = await answering;
        await member.UnpausedAsync();
        Enqueue(answer);
        foreach (var missed in happened)
            SendEvent(missed);
    }

    private async Task CloseSessionAsync(SimSession session, int xid, byte[] frame)
    {
        _session = null;
        ensemble.Expire(session.Id);
        await member.SyncAsync();
        Enqueue((await MemberRequests.AnswerAsync(member, session.Id, _watches, xid, frame)).Answer);
        EndSoon();
    }

    private static (int Xid, KeeperOp Operation) Header(byte[] frame)
    {
        var r = new JuteReader(frame);
        return (r.ReadInt32(), (KeeperOp)r.ReadInt32());
    }

    private void SendEvent(WatchEvent happened)
    {
        var w = new JuteWriter();
        w.WriteInt32(Link.EventXid);
        w.WriteInt64(-1);
        w.WriteInt32(0);
        w.WriteInt32((int)happened.Kind);
        w.WriteInt32(3);
        w.WriteString(happened.Path);
        Enqueue(w.ToFrame());
    }

    private void Enqueue(ReadOnlyMemory<byte> frame)
    {
        if (_ended)
            return;
        _outgoing.Enqueue(frame);
        if (_sending.IsCompleted)
            _sending = SendAsync();
    }

    private async Task SendAsync()
    {
        try
        {
            while (_outgoing.TryDequeue(out var frame))
                await connection.SendAsync([frame]);
        }
        catch (IOException)
        {
            // Whoever reads sees it too.
            connection.Abort();
        }
    }
}
