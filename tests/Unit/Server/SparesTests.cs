using Barnabas.Server;

namespace Barnabas.Tests.Unit.Server;

public sealed class SparesTests
{
    [Fact]
    public void What_one_thread_gives_back_another_takes_and_nobody_takes_it_twice()
    {
        var kept = new HashSet<Thing>();
        OnThread(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                var thing = new Thing();
                if (Spares<Thing>.TryKeep(thing))
                    Assert.True(kept.Add(thing));
            }
        });
        Assert.InRange(kept.Count, 64, 500);
        var taken = new HashSet<Thing>();
        OnThread(() =>
        {
            while (Spares<Thing>.Take() is { } thing)
                Assert.True(taken.Add(thing));
        });

        Assert.Subset(kept, taken);
        // But what the first thread keeps for itself.
        Assert.InRange(kept.Count - taken.Count, 1, 64);
    }

    private static void OnThread(Action work)
    {
        Exception? fault = null;
        var thread = new Thread(() => fault = Record.Exception(work));
        thread.Start();
        thread.Join();
        Assert.Null(fault);
    }

    private sealed class Thing;
}
