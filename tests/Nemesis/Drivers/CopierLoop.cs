using Barnabas.Base;
using Barnabas.Tests.Checker;

namespace Barnabas.Tests.Nemesis.Drivers;

/// <summary>Copies a topic into another, each record once, whatever happens.</summary>
/// <param name="recorder">Where it is written down.</param>
/// <param name="source">What it reads.</param>
/// <param name="target">Where it writes, partition by partition.</param>
/// <param name="begin">Makes a client, and another one of the same name when that has ended.</param>
internal sealed class CopierLoop(Recorder recorder, string source, string target, Func<Task<ICopier>> begin)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Copies until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var client = await begin();
                var process = recorder.NewProcess();
                var assigned = Topics.KeysOf(source).ToList();
                while (!stop.IsCancellationRequested)
                {
                    var began = Recorder.Now;
                    if (await client.PollAsync() is not { Count: > 0 } got)
                        continue;
                    await CopyAsync(client, new(process, Outcome.Unknown, began, 0, [])
                    {
                        IsTransaction = true,
                        Assigns = assigned,
                        IsSubscription = true,
                    }, got);
                }
            }
            catch (ClientEnded ended)
            {
                recorder.Note(ended.Message);
                await Task.Delay(Pause, CancellationToken.None);
            }
        }
    }

    private async Task CopyAsync(ICopier client, Operation begun, IReadOnlyList<Got> got)
    {
        var copies = got.Select(record => (
            To: new TopicPartition(target, record.Partition.Partition),
            Value: recorder.NewCopy(record.Content.Value), Source: record.Content.Value)).ToList();
        var records = copies.Select(copy =>
            (copy.To, new Payload(Topics.KeyOf(copy.To), copy.Value, copy.Source).ToBytes())).ToList();
        IReadOnlyList<long> offsets = [];
        var outcome = Outcome.Unknown;
        try
        {
            (outcome, offsets, var error) = await client.CommitAsync(records);
            if (error is not null)
                recorder.Note(error);
        }
        finally
        {
            var sends = copies.Select((copy, i) => Step.Send(
                Topics.KeyOf(copy.To), copy.Value, i < offsets.Count ? offsets[i] : Step.NoOffset));
            recorder.Add(begun with
            {
                Outcome = outcome,
                Ended = Recorder.Now,
                Steps = [.. got.Select(Reads.Of), .. sends],
            });
        }
    }
}
