using System.CommandLine;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas cluster unregister</c></summary>
internal static class ClusterUnregister
{
    private static readonly Argument<int[]> Brokers = new("broker")
    {
        Description = "the brokers' ids",
        HelpName = "BROKER",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "only show how many partitions each still holds",
    };

    public static Command Make() => Leaf.Make(
        "unregister", "forget brokers that will not come back", [Brokers, DryRun], RunAsync).With(
        "barnabas cluster unregister 3                     once its partitions are on other brokers");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var admin = session.Client.Admin;
        var partitions = (await admin.ListTopicsAsync(stop)).SelectMany(topic => topic.Partitions).ToList();
        var outcomes = new Outcomes("Broker", "Holds");
        foreach (var id in parsed.GetValue(Brokers)!.Distinct())
        {
            object?[] cells = [id, partitions.Count(partition => partition.Replicas.Any(b => b.Value == id))];
            if (parsed.GetValue(DryRun))
            {
                outcomes.Done("valid", cells);
                continue;
            }

            try
            {
                await admin.UnregisterBrokerAsync(new(id), stop);
                outcomes.Done("forgotten", cells);
            }
            catch (KafkaException fault)
            {
                outcomes.Failed(fault, $"broker {id}: {Errors.Words(fault)}", cells);
            }
        }

        return outcomes.Write(parsed);
    }
}
