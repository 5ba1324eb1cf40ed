using Barnabas.Cluster.Configs;
using Barnabas.Node;

namespace Barnabas.Cli.Commands.Start;

/// <summary>What a newcomer reads when the broker is ready: where it is, and what to try next.</summary>
internal static class Welcome
{
    /// <summary>Prints it to stdout.</summary>
    public static void Print(BrokerNode node, ServerConfigs configs)
    {
        var config = new EffectiveConfigs(configs).Broker(StoredConfigs.Empty);
        var address = string.Join(", ", node.EndPoints);
        var target = node.EndPoints[0].Port == 9092 ? "" : $" -b {node.EndPoints[0]}";
        Console.WriteLine($"Barnabas is ready at {address}, data in {string.Join(", ", config.LogDirs)}");
        if (node.Observation.EndPoint is { } pages)
            Console.WriteLine($"Metrics are at http://{pages}/metrics");
        Console.WriteLine();
        Console.WriteLine("Try next, in another terminal:");
        Console.WriteLine($"  ./barnabas topic create orders -p 3{target}");
        Console.WriteLine($"  echo hello | ./barnabas produce orders{target}");
        Console.WriteLine($"  ./barnabas consume orders -o earliest{target}");
    }
}
