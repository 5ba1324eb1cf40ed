using System.Globalization;
using Barnabas.Base.Real;
using Barnabas.Records;

namespace Barnabas.Bench.Load;

/// <summary>Puts the managed client and its transactions under load, for <c>bench/run</c>, and prints what it
/// took as one line of JSON; copies a topic for the tests that kill it.</summary>
internal static class Program
{
    private const string Usage =
        "usage: Load produce HOST:PORT TOPIC RECORDS SIZE CODEC [WARM-UP]\n"
        + "     | Load consume HOST:PORT TOPIC RECORDS [WARM-UP]\n"
        + "     | Load transactions HOST:PORT TOPIC PRODUCERS TRANSACTIONS RECORDS\n"
        + "     | Load copy HOST:PORT SOURCE TARGET NAME\n"
        + "     | Load compact DIRECTORY MEGABYTES KEYS CODEC";

    private static Task<int> Main(string[] args)
    {
        // As the command line does: less is spent on waking threads.
        RealHost.InlineCompletions();
        return RunAsync(args);
    }

    private static async Task<int> RunAsync(string[] args)
    {
        if (args is ["produce", var server, var topic, var records, var size, var codec, .. { Length: <= 1 } before])
        {
            await new ClientLoad(server, topic, Number(records), WarmUp(before)).ProduceAsync(
                (int)Number(size), Enum.Parse<CompressionCodec>(codec, ignoreCase: true));
            return 0;
        }

        if (args is ["consume", var from, var source, var total, .. { Length: <= 1 } first])
        {
            await new ClientLoad(from, source, Number(total), WarmUp(first)).ConsumeAsync();
            return 0;
        }

        if (args is ["transactions", var at, var to, var producers, var transactions, var each])
        {
            await TransactionLoad.RunAsync(
                at, to, (int)Number(producers), (int)Number(transactions), (int)Number(each));
            return 0;
        }

        if (args is ["copy", var cluster, var original, var copy, var name])
        {
            await TransactionLoad.CopyAsync(cluster, original, copy, name);
            return 0;
        }

        if (args is ["compact", var directory, var megabytes, var keys, var compression])
        {
            await new CompactionLoad(directory).RunAsync(
                Number(megabytes), (int)Number(keys), Enum.Parse<CompressionCodec>(compression, ignoreCase: true));
            return 0;
        }

        await Console.Error.WriteLineAsync(Usage);
        return 2;
    }

    private static long WarmUp(string[] argument) => argument is [var records] ? Number(records) : 0;

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
