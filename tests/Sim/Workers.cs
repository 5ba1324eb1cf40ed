namespace Barnabas.Tests.Simulation;

/// <summary>Spreads independent cases over the machine's processors, each on a thread of its own: a simulated world is
/// single-threaded, and several of them may run beside each other.</summary>
internal static class Workers
{
    /// <summary>Of the systematic cases only every so many-th is run: 1, all of them, unless BARNABAS_SIM_EVERY says
    /// otherwise.</summary>
    private static readonly int Every =
        int.TryParse(Environment.GetEnvironmentVariable("BARNABAS_SIM_EVERY"), out var every) ? Math.Max(every, 1) : 1;

    /// <summary>Runs a case for every number of [first, first + count), in any order; the first fault ends it and is
    /// thrown as it is.</summary>
    /// <param name="first">The first number.</param>
    /// <param name="count">How many.</param>
    /// <param name="run">A case; it shares nothing with the others.</param>
    public static void ForEach(int first, int count, Action<int> run) => ForEach(first, count, 1, run);

    /// <summary>The same for the cases of a systematic test, which may be thinned out.</summary>
    /// <param name="first">The first number.</param>
    /// <param name="count">How many, were all of them run.</param>
    /// <param name="run">A case; it shares nothing with the others.</param>
    public static void ForEachCase(int first, int count, Action<int> run) => ForEach(first, count, Every, run);

    private static void ForEach(int first, int count, int every, Action<int> run)
    {
        var next = first - every;
        Exception? fault = null;
        var threads = new List<Thread>();
        for (var i = 0; i < Environment.ProcessorCount; i++)
            threads.Add(new Thread(Work));
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        if (fault is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);

        void Work()
        {
            while (Volatile.Read(ref fault) is null)
            {
                var number = Interlocked.Add(ref next, every);
                if (number >= first + count)
                    return;
                try
                {
                    run(number);
                }
                catch (Exception e)
                {
                    Interlocked.CompareExchange(ref fault, e, null);
                }
            }
        }
    }
}
