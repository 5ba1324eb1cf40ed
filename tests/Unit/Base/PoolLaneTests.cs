using Barnabas.Base.Real;

namespace Barnabas.Tests.Unit.Base;

public sealed class PoolLaneTests
{
    private static readonly PoolLanes Lanes = new();

    [Fact]
    public async Task Pieces_of_a_lane_never_overlap_and_keep_the_order_of_who_posts_them()
    {
        const int posters = 8;
        const int pieces = 20_000;
        var lane = Lanes.NewLane("test");
        var last = new int[posters];
        var (inside, done) = (0, 0);
        var finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var failures = 0;

        await Task.WhenAll(Enumerable.Range(0, posters).Select(poster => Task.Run(() =>
        {
            for (var piece = 1; piece <= pieces; piece++)
            {
                var number = piece;
                lane.Post(() => Piece(poster, number));
            }
        })));
        await finished.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(0, failures);

        // Plain variables: were the pieces not serial, they would not add up.
        void Piece(int poster, int number)
        {
            if (++inside != 1 || last[poster] != number - 1 || SynchronizationContext.Current != lane)
                failures++;
            last[poster] = number;
            inside--;
            if (++done == posters * pieces)
                finished.SetResult();
        }
    }

    [Fact]
    public async Task Lanes_that_call_each_other_stay_serial()
    {
        var lanes = Enumerable.Range(0, 6).Select(i => Lanes.NewLane($"lane {i}")).ToArray();
        var inside = new int[lanes.Length];
        var failures = 0;
        await Task.WhenAll(
            Enumerable.Range(0, lanes.Length).Select(i => lanes[i].RunAsync(() => WalkAsync(i))));
        Assert.Equal(0, failures);

        async Task WalkAsync(int here)
        {
            for (var step = 0; step < 3000; step++)
            {
                var there = (here + step) % lanes.Length;
                await lanes[there].RunAsync(() =>
                {
                    if (++inside[there] != 1 || SynchronizationContext.Current != lanes[there])
                        Interlocked.Increment(ref failures);
                    inside[there]--;
                    return true;
                });
                if (SynchronizationContext.Current != lanes[here])
                    Interlocked.Increment(ref failures);
            }
        }
    }

    [Fact]
    public async Task A_lane_left_to_its_poster_runs_even_when_the_poster_goes_on()
    {
        var (first, second) = (Lanes.NewLane("first"), Lanes.NewLane("second"));
        for (var i = 0; i < 1000; i++)
        {
            var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            first.Post(() =>
            {
                second.Post(() => ran.SetResult());
                first.Post(() => { });
            });
            await ran.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Lanes_keep_their_order_whichever_threads_take_them_over()
    {
        const int rounds = 2000;
        var lanes = Enumerable.Range(0, 40).Select(i => Lanes.NewLane($"lane {i}")).ToArray();
        var seen = new List<int>();
        var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (var i = 0; i < rounds; i++)
            PassOn(0, i);

        await ran.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, rounds), seen);

        void PassOn(int lane, int number) => lanes[lane].Post(() =>
        {
            if (lane + 1 < lanes.Length)
            {
                PassOn(lane + 1, number);
                return;
            }

            seen.Add(number);
            if (seen.Count == rounds)
                ran.SetResult();
        });
    }

    [Fact]
    public async Task Faults_of_work_reach_who_awaits_it()
    {
        var lane = Lanes.NewLane("test");
        await Assert.ThrowsAsync<IOException>(() => lane.RunAsync(FailAsync));
        await Assert.ThrowsAsync<IOException>(() => Lanes.RunBlockingAsync(Fail));
        Assert.Equal(5, await lane.RunAsync(() => 5));
        Assert.Equal(6, await Lanes.RunBlockingAsync(() => 6));

        static int Fail() => throw new IOException("no");

        static Task<int> FailAsync() => throw new IOException("no");
    }

    [Fact]
    public async Task Blocking_work_is_bounded_in_threads_and_all_of_it_is_done()
    {
        var (running, most) = (0, 0);
        var works = Enumerable.Range(0, 100).Select(i => Lanes.RunBlockingAsync(() =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            Thread.Sleep(1);
            Interlocked.Decrement(ref running);
            return i;
        }));
        Assert.Equal(Enumerable.Range(0, 100), await Task.WhenAll(works));
        Assert.InRange(most, 1, Math.Max(8, 2 * Environment.ProcessorCount));
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref most)) < value
            && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
        }
    }
}
