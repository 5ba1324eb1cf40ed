using Barnabas.Tests.Checker;

namespace Barnabas.Tests.Nemesis.Drivers;

/// <summary>Sends numbered records to a partition, a few at a time, as long as it is let.</summary>
/// <param name="recorder">Where it is written down.</param>
/// <param name="key">The partition.</param>
/// <param name="begin">Makes a client, and another one when that has ended.</param>
internal sealed class SenderLoop(Recorder recorder, int key, Func<ISender> begin)
{
    private const int AtOnce = 8;
    private const int RoundsOfAClient = 600;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Sends until it is stopped, and waits for what is under way then.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var client = begin();
            var process = recorder.NewProcess();
            try
            {
                for (var round = 0; round < RoundsOfAClient && !stop.IsCancellationRequested; round++)
                {
                    await SendAsync(client, process);
                    await Task.Delay(Pause, CancellationToken.None);
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

    private async Task SendAsync(ISender client, int process)
    {
        var values = Enumerable.Range(0, AtOnce).Select(_ => recorder.NewValue()).ToList();
        var records = values.Select(value => new Payload(key, value, value).ToBytes()).ToList();
        var began = Recorder.Now;
        try
        {
            var sent = await client.SendAsync(Topics.PartitionOf(key), records);
            Record(process, began, values, sent);
        }
        catch (ClientEnded)
        {
            Record(process, began, values, [.. values.Select(static _ => new Sent(Outcome.Unknown, -1, null))]);
            throw;
        }
    }

    /// <summary>An operation for each run of records that ended alike.</summary>
    private void Record(int process, long began, List<long> values, IReadOnlyList<Sent> sent)
    {
        var ended = Recorder.Now;
        for (var first = 0; first < sent.Count;)
        {
            var next = first + 1;
            while (next < sent.Count && sent[next].Outcome == sent[first].Outcome)
                next++;
            var steps = Enumerable.Range(first, next - first)
                .Select(i => Step.Send(key, values[i], sent[i].Offset));
            recorder.Add(new Operation(process, sent[first].Outcome, began, ended, [.. steps]));
            first = next;
        }

        foreach (var error in sent.Select(static one => one.Error).OfType<string>())
            recorder.Note(error);
    }
}
