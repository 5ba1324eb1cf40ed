using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>A request's circumstances, for its handler. Owned by the connection's lane.</summary>
public sealed class RequestContext
{
    private bool _holdsFrame;

    internal RequestContext(
        ConnectionContext connection, RequestFrame frame, RequestHead head, ApiMetrics metrics) =>
        Renew(connection, frame, head, metrics);

    /// <summary>The connection it came by.</summary>
    public ConnectionContext Connection { get; private set; }

    /// <summary>What is asked for.</summary>
    public ApiKey ApiKey { get; private set; }

    /// <summary>The version of the request, and so of its answer.</summary>
    public short Version { get; private set; }

    /// <summary>The number by which the client knows the answer.</summary>
    public int CorrelationId { get; private set; }

    /// <summary>What the client calls itself; null when it does not say.</summary>
    public string? ClientId { get; private set; }

    /// <summary>When the whole request had arrived, as a timestamp of the host's clock.</summary>
    public long ReceivedAt { get; private set; }

    /// <summary>The lane on which the handler runs.</summary>
    public Lane Lane => Connection.Lane;

    /// <summary>The bytes the request was read from. Who needs them longer than the answer takes retains
    /// them.</summary>
    public RequestFrame Frame { get; private set; }

    /// <summary>True of a request that another broker passed on, as to the controller (KIP-590).</summary>
    public bool IsForwarded { get; init; }

    /// <summary>What is measured of the requests of this API.</summary>
    internal ApiMetrics Metrics { get; private set; }

    /// <summary>When the handler was called, as a timestamp of the host's clock.</summary>
    internal long BegunAt { get; set; }

    /// <summary>When the handler had done its own part, and only waited from then on.</summary>
    internal long HandledAt { get; set; }

    /// <summary>When the answer was there.</summary>
    internal long AnsweredAt { get; set; }

    /// <summary>The span of the request; null while nobody traces.</summary>
    internal Activity? Span { get; set; }

    /// <summary>How long the client has to wait for its next request to be read, counted from the answer
    /// (KIP-219).</summary>
    internal TimeSpan ThrottleTime { get; private set; }

    /// <summary>The same in whole milliseconds, as the answer tells it.</summary>
    internal int ThrottleTimeMs => (int)Math.Min(Math.Ceiling(ThrottleTime.TotalMilliseconds), int.MaxValue);

    /// <summary>True when the connection is to be closed instead of sending an answer.</summary>
    internal bool Disconnects { get; private set; }

    /// <summary>The circumstances of another request, where there are some that were given back.</summary>
    internal static RequestContext Take(
        ConnectionContext connection, RequestFrame frame, RequestHead head, ApiMetrics metrics)
    {
        if (Spares<RequestContext>.Take() is not { } context)
            return new RequestContext(connection, frame, head, metrics);
        context.Renew(connection, frame, head, metrics);
        return context;
    }

    /// <summary>Gives it back for requests to come: nobody looks at it any more.</summary>
    internal void Return() => Spares<RequestContext>.TryKeep(this);

    /// <summary>The address the client came from, as Kafka shows it: <c>/127.0.0.1</c>.</summary>
    public string ClientHost()
    {
        var address = Connection.Remote.Address;
        return "/" + (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
    }

    /// <summary>Gives the frame's memory back before the answer is sent: nothing refers to the request's
    /// bytes any more. Only the first call counts.</summary>
    public void ReleaseFrame()
    {
        if (!_holdsFrame)
            return;
        _holdsFrame = false;
        Frame.Release();
    }

    /// <summary>Lets the client wait: after the answer the connection is not read for as long. The longest
    /// counts.</summary>
    public void Throttle(TimeSpan time) => ThrottleTime = time > ThrottleTime ? time : ThrottleTime;

    /// <summary>Closes the connection in place of this answer, after the answers before it; Kafka's way to
    /// tell of an error where no answer is awaited (acks=0).</summary>
    public void Disconnect() => Disconnects = true;

    [MemberNotNull(nameof(Connection), nameof(Frame), nameof(Metrics))]
    private void Renew(ConnectionContext connection, RequestFrame frame, RequestHead head, ApiMetrics metrics)
    {
        (Connection, Frame, Metrics, _holdsFrame) = (connection, frame, metrics, true);
        (ApiKey, Version, CorrelationId, ClientId) = (head.ApiKey, head.Version, head.CorrelationId, head.ClientId);
        ReceivedAt = frame.ArrivedAt;
        (BegunAt, HandledAt, AnsweredAt) = (0, 0, 0);
        (Span, ThrottleTime, Disconnects) = (null, TimeSpan.Zero, false);
    }
}
