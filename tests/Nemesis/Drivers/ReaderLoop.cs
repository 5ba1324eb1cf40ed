using Barnabas.Tests.Checker;

namespace Barnabas.Tests.Nemesis.Drivers;

/// <summary>Reads all partitions from their beginning on, as they grow.</summary>
/// <param name="recorder">Where it is written down.</param>
/// <param name="begin">Makes a client that goes on at these offsets, by number of the partition.</param>
internal sealed class ReaderLoop(Recorder recorder, Func<IReadOnlyList<long>, IReader> begin)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly long[] _next = new long[Topics.Keys.Count];

    /// <summary>How many records it got.</summary>
    public long Count { get; private set; }

    /// <summary>Whether it has read up to these offsets, by number of the partition. What stands last there may be no
    /// record.</summary>
    public bool HasReached(IReadOnlyList<long> last)
    {
        for (var key = 0; key < _next.Length; key++)
        {
            if (Volatile.Read(ref _next[key]) <= last[key])
                return false;
        }

        return true;
    }

    /// <summary>Reads until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var client = begin(_next);
            var process = recorder.NewProcess();
            var assigned = Topics.Keys;
            try
            {
                while (!stop.IsCancellationRequested)
                {
                    var began = Recorder.Now;
                    if (await client.PollAsync() is not { Count: > 0 } got)
                        continue;
                    Record(process, began, got, assigned);
                    assigned = null;
                }
            }
            catch (ClientEnded ended)
            {
                recorder.Note(ended.Message);
                await Task.Delay(Pause, CancellationToken.None);
            }
            finally
            {
                await client.DisposeAsync();
            }
        }
    }

    private void Record(int process, long began, IReadOnlyList<Got> got, IReadOnlyList<int>? assigned)
    {
        recorder.Add(new Operation(process, Outcome.Ok, began, Recorder.Now, [.. got.Select(Reads.Of)])
        {
            Assigns = assigned,
        });
        Count += got.Count;
        foreach (var record in got)
            Volatile.Write(ref _next[Topics.KeyOf(record.Partition)], record.Offset + 1);
    }
}
