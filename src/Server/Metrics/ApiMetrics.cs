using System.Globalization;
using Barnabas.Base;
using Barnabas.Metrics;
using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>What is measured of the requests of one API. Safe from any lane; counting allocates nothing.</summary>
internal sealed class ApiMetrics : IErrorTally
{
    private const int Codes = 256;
    private readonly RequestHistograms _histograms;
    private readonly VersionRange _versions;
    private readonly Counter[] _requests;
    private readonly string[] _versionNames;
    private readonly Counter?[] _errors = new Counter?[Codes];
    private readonly Counter _responseBytes = new();
    private Series? _series;

    internal ApiMetrics(ApiEntry api, RequestHistograms histograms)
    {
        (Name, _versions, _histograms) = (api.Name, api.Served, histograms);
        var count = _versions.Last - _versions.First + 1;
        _requests = [.. Enumerable.Range(0, count).Select(_ => new Counter())];
        _versionNames =
            [.. Enumerable.Range(_versions.First, count).Select(v => v.ToString(CultureInfo.InvariantCulture))];
    }

    /// <summary>The API's name.</summary>
    internal string Name { get; }

    /// <summary>Bytes of answers.</summary>
    internal long ResponseBytes => _responseBytes.Value;

    /// <summary>A request has come, in a version that is served.</summary>
    internal void Received(short version, int bytes)
    {
        _requests[version - _versions.First].Add();
        Volatile.Read(ref _series)?.RequestBytes.Record(bytes);
    }

    /// <summary>An answer is about to be sent.</summary>
    internal void Answered(long bytes) => _responseBytes.Add(bytes);

    /// <inheritdoc/>
    public void Add(ErrorCode error)
    {
        ref var slot = ref _errors[(byte)((short)error + 1)];
        var counter = Volatile.Read(ref slot);
        if (counter is null)
        {
            var fresh = new Counter();
            counter = Interlocked.CompareExchange(ref slot, fresh, null) ?? fresh;
        }

        counter.Add();
    }

    /// <summary>A request is done with.</summary>
    /// <param name="request">It.</param>
    /// <param name="sending">When sending began, as a timestamp.</param>
    /// <param name="sent">When it had ended.</param>
    internal void Sent(RequestContext request, long sending, long sent)
    {
        if (Volatile.Read(ref _series) is not { } series)
            return;
        var h = _histograms;
        series.Queue.Record(h.Between(request.ReceivedAt, request.BegunAt));
        series.Local.Record(h.Between(request.BegunAt, request.HandledAt));
        series.Remote.Record(h.Between(request.HandledAt, request.AnsweredAt));
        series.Throttle.Record((long)request.ThrottleTime.TotalMicroseconds);
        series.ResponseQueue.Record(h.Between(request.AnsweredAt, sending));
        series.Send.Record(h.Between(sending, sent));
        series.Total.Record(h.Between(request.ReceivedAt, sent));
    }

    /// <summary>Shows the histograms from now on.</summary>
    internal void Show() => Volatile.Write(ref _series, new Series(
        _histograms.Queue.Begin(Name), _histograms.Local.Begin(Name), _histograms.Remote.Begin(Name),
        _histograms.Throttle.Begin(Name), _histograms.ResponseQueue.Begin(Name), _histograms.Send.Begin(Name),
        _histograms.Total.Begin(Name), _histograms.RequestBytes.Begin(Name)));

    /// <summary>The requests of each version that has been asked for.</summary>
    internal void CollectRequests(MetricSink sink)
    {
        for (var i = 0; i < _requests.Length; i++)
        {
            if (_requests[i].Value is > 0 and var count)
                sink.Add(count, Name, _versionNames[i]);
        }
    }

    /// <summary>How often each code was told.</summary>
    internal void CollectErrors(MetricSink sink)
    {
        for (var i = 0; i < Codes; i++)
        {
            if (Volatile.Read(ref _errors[i]) is { } counter)
                sink.Add(counter.Value, Name, ((ErrorCode)(i - 1)).KafkaName());
        }
    }

    private sealed record Series(
        HistogramSeries Queue, HistogramSeries Local, HistogramSeries Remote, HistogramSeries Throttle,
        HistogramSeries ResponseQueue, HistogramSeries Send, HistogramSeries Total, HistogramSeries RequestBytes);
}
