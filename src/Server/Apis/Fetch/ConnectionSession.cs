using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis.Fetch;

/// <summary>The place a connection has for a fetch session: taken with its first one, given back when it
/// closes.</summary>
internal static class ConnectionSession
{
    /// <summary>The connection's session, if that is its id; else null.</summary>
    public static FetchSession? FindFetchSession(this ConnectionContext connection, int id) =>
        connection.FetchPlace?.Session is { } session && session.Id == id ? session : null;

    /// <summary>Ends the connection's session, if that is its id.</summary>
    public static void EndFetchSession(this ConnectionContext connection, int id)
    {
        if (connection.FetchPlace is { } place && place.Session?.Id == id)
            place.Session = null;
    }

    /// <summary>Begins a session with what a request asks for; one the connection had before ends.</summary>
    /// <returns>Null when the broker has no place left: the client then fetches without a session. For followers there
    /// is always a place: they are few, and fetch the most.</returns>
    public static FetchSession? BeginFetchSession(
        this ConnectionContext connection, FetchSessionSlots slots, FetchRequest request, short version)
    {
        if (connection.FetchPlace is null)
        {
            if (FetchingReplica.Of(request, version) is not null)
                slots.Take();
            else if (!slots.TryTake())
                return null;
            connection.FetchPlace = new FetchSessionPlace();
            connection.Closed.UnsafeRegister(static s => ((FetchSessionSlots)s!).Release(), slots);
        }

        var session = new FetchSession(slots.NextId(), FetchContext.NamesById(version), connection.Closed);
        session.Update(request);
        return connection.FetchPlace.Session = session;
    }
}

/// <summary>Room for one fetch session.</summary>
internal sealed class FetchSessionPlace
{
    /// <summary>The session; null between two.</summary>
    public FetchSession? Session
    {
        get;
        set
        {
            field?.Poll.EndSession();
            field = value;
        }
    }
}
