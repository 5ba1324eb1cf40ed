using System.Diagnostics.Metrics;
using Barnabas.Metrics;

namespace Barnabas.Tests.Unit.Metrics;

public sealed class CountingTests
{
    [Fact]
    public void Nothing_is_lost_where_many_threads_count()
    {
        const int Threads = 8;
        const int Times = 50_000;
        var counter = new Counter();
        var distribution = new Distribution([10, 100]);
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < Times; i++)
            {
                counter.Add(2);
                distribution.Record(i % 1000);
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());

        Assert.Equal(2L * Threads * Times, counter.Value);
        var (counts, sum) = distribution.Read();
        Assert.Equal([Threads * Times / 1000 * 11, Threads * Times / 1000 * 90, Threads * Times / 1000 * 899], counts);
        Assert.Equal(Threads * (Times / 1000) * 999L * 500, sum);
    }

    [Fact]
    public void Counting_and_recording_allocate_nothing()
    {
        var counter = new Counter();
        var family = new HistogramFamily("t", "ms", "m", ["api"], HistogramShape.Time);
        var series = family.Begin("Fetch");
        counter.Add();
        series.Record(1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            counter.Add();
            series.Record(i);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Listeners_of_the_meter_see_the_catalogue()
    {
        var counter = new Counter();
        var histogram = new HistogramFamily("test.t", "ms", "m", ["api"], HistogramShape.Time);
        var series = histogram.Begin("Fetch");
        var catalogue = new MetricCatalogue();
        catalogue.Add(
        [
            histogram,
            new MetricFamily(
                "test.c", MetricKind.Counter, "{x}", "m", ["topic"], sink => sink.Add(counter.Value, "orders")),
        ]);
        using var publisher = new MeterPublisher(catalogue);
        var seen = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == MeterPublisher.MeterName && instrument.Name is ("test.t" or "test.c"))
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
            seen.Add($"{instrument.Name} {instrument.Unit} {tags[0].Key}={tags[0].Value} {value}"));
        listener.Start();

        counter.Add(5);
        series.Record(1500);
        listener.RecordObservableInstruments();

        Assert.Equal(["test.t ms api=Fetch 1.5", "test.c {x} topic=orders 5"], seen);
    }
}
