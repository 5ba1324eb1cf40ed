using System.Runtime.InteropServices;
using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis.Produce;

/// <summary>A Produce request on its way, from the gate to the answer.</summary>
/// <remarks>The parts tell of their appends on the lanes of their partitions, and the last one has the answer given, on
/// the connection's. Where a client's patience ends before that the answer says what is known; the appends go on, read
/// from the request's frame, and this exchange serves no other request.</remarks>
internal sealed class ProduceExchange : Exchange<ProduceRequest, ProduceResponse>
{
    private const short NoAcks = 0;
    private const short AllAcks = -1;

    /// <summary>What a request of very many partitions has grown to is not kept.</summary>
    private const int MostPartsKept = 256;

    private const ConfigureAwaitOptions Quietly =
        ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;

    /// <summary>Appends are under way.</summary>
    private const int Open = 0;

    /// <summary>All of them have been told of.</summary>
    private const int Appended = 1;

    /// <summary>The answer went before them.</summary>
    private const int Abandoned = 2;

    private readonly List<ProducePart> _parts = [];
    private ProduceApi _api;
    private ProduceResponse _response = new();
    private int _count;
    private int _underWay;
    private int _state;
    private bool _isHeld;
    private bool _hasExpired;

    private ProduceExchange(ProduceApi api) => _api = api;

    private bool NeedsAll => Request.Acks == AllAcks;

    private ReadOnlySpan<ProducePart> Parts => CollectionsMarshal.AsSpan(_parts)[.._count];

    /// <summary>An exchange that is under way nowhere.</summary>
    internal static ProduceExchange Take(ProduceApi api)
    {
        if (Spares<ProduceExchange>.Take() is not { } exchange)
            return new ProduceExchange(api);
        exchange._api = api;
        return exchange;
    }

    /// <summary>An append begins.</summary>
    internal void PartBegins() => Interlocked.Increment(ref _underWay);

    /// <summary>An append has been told of. From the lane of its partition.</summary>
    internal void PartEnds()
    {
        if (Interlocked.Decrement(ref _underWay) > 0)
            return;
        // Read before: after it the exchange may serve another request.
        var (lane, frame) = (Context.Lane, Context.Frame);
        if (Interlocked.CompareExchange(ref _state, Appended, Open) == Open)
            lane.Post(static exchange => ((ProduceExchange)exchange!).Complete(), this);
        else
            frame.Release();
    }

    internal override void Expire()
    {
        _hasExpired = true;
        if (!_isHeld && !IsCompleted)
            Abandon();
    }

    internal override void Retire()
    {
        if (_state != Appended || _parts.Count > MostPartsKept)
            return;
        foreach (var part in Parts)
            part.Clear();
        Context.Return();
        Spares<ProduceExchange>.TryKeep(this);
    }

    private protected override void Serve()
    {
        _api.Broker.Quotas.Produced(Context);
        // One for this method, lest the last append be told of before all have begun.
        (_count, _underWay, _state, _isHeld, _hasExpired) = (0, 1, Open, false, false);
        var haveBegun = false;
        try
        {
            BeginAll();
            haveBegun = true;
        }
        finally
        {
            if (!haveBegun)
                GiveUp();
        }

        if (_isHeld)
            AcceptAfter(LetInAsync());
        else
            AwaitAppends();
    }

    private protected override ProduceResponse? Assemble()
    {
        if (Request.Acks != NoAcks)
            return Respond();
        foreach (var part in Parts)
        {
            if (part.Error != ErrorCode.None)
                Context.Disconnect();
        }

        return null;
    }

    private void BeginAll()
    {
        foreach (var topic in Request.TopicData)
        {
            foreach (var data in topic.PartitionData)
                Begin(Next(topic, data));
        }
    }

    private ProducePart Next(ProduceRequest.TopicProduceData topic, ProduceRequest.PartitionProduceData data)
    {
        if (_count == _parts.Count)
            _parts.Add(new ProducePart(this));
        var part = _parts[_count++];
        part.Renew(topic, data);
        return part;
    }

    private void Begin(ProducePart part)
    {
        if (Request.Acks is AllAcks or NoAcks or 1)
            _api.Gate.Append(part, Context, untilCommitted: NeedsAll);
        else
            part.Refuse(ErrorCode.InvalidRequiredAcks, "acks must be -1, 0 or 1");
        _isHeld |= part.Held is not null;
    }

    private async Task LetInAsync()
    {
        var letIn = _api.Held.AppendAsync(_parts[.._count], Request, Context.Version, NeedsAll);
        await letIn.ConfigureAwait(Quietly);
        if (letIn.Exception?.InnerException is { } fault)
        {
            GiveUp();
            Fail(fault);
            return;
        }

        _isHeld = false;
        AwaitAppends();
    }

    private void AwaitAppends()
    {
        if (Interlocked.Decrement(ref _underWay) == 0)
        {
            _state = Appended;
            Complete();
        }
        else if (_hasExpired)
        {
            Abandon();
        }
        else if (NeedsAll)
        {
            ExpireAfter(TimeSpan.FromMilliseconds(Math.Max(Request.TimeoutMs, 0)), _api.Broker.Host.Time);
        }
    }

    // The batches that are still on their way to disk are read from the request's frame.
    private void Abandon()
    {
        Context.Frame.Retain();
        if (Interlocked.CompareExchange(ref _state, Abandoned, Open) == Open)
            Complete();
        else
            Context.Frame.Release();
    }

    // A fault of ours: what has begun goes on.
    private void GiveUp()
    {
        Context.Frame.Retain();
        _state = Abandoned;
        if (Interlocked.Decrement(ref _underWay) == 0)
            Context.Frame.Release();
    }

    private ProduceResponse Respond()
    {
        var response = _response;
        response.ThrottleTimeMs = 0;
        var isClean = true;
        var (topics, partitions) = (0, 0);
        ProduceRequest.TopicProduceData? topic = null;
        ProduceResponse.TopicProduceResponse? answer = null;
        foreach (var part in Parts)
        {
            if (answer is null || !ReferenceEquals(part.Topic, topic))
            {
                Cut(answer?.PartitionResponses, partitions);
                (topic, partitions) = (part.Topic, 0);
                answer = At(response.Responses, topics++);
                (answer.Name, answer.TopicId) = (topic.Name, topic.TopicId);
            }

            isClean &= part.Answer(At(answer.PartitionResponses, partitions++));
        }

        Cut(answer?.PartitionResponses, partitions);
        Cut(response.Responses, topics);
        LeaderHints.AddTo(response, _api.Broker, Context);
        // Errors have fields of their own, which are not set here.
        if (!isClean)
            _response = new ProduceResponse();
        return response;
    }

    private static T At<T>(List<T> list, int index)
        where T : new()
    {
        if (index == list.Count)
            list.Add(new T());
        return list[index];
    }

    private static void Cut<T>(List<T>? list, int length) => list?.RemoveRange(length, list.Count - length);
}
