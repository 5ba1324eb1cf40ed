using System.Globalization;

namespace Barnabas.Tests.Nemesis;

/// <summary>What a run is told to do.</summary>
/// <param name="Minutes">For how long faults are injected.</param>
/// <param name="Seed">What the plan of faults follows from.</param>
/// <param name="Only">Kinds of faults to draw from; empty for all.</param>
/// <param name="Keeps">True to keep logs and history also when all was well.</param>
/// <param name="IsLoopback">True to use the loopback even where namespaces can be had.</param>
internal sealed record Options(double Minutes, int Seed, IReadOnlyList<string> Only, bool Keeps, bool IsLoopback)
{
    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">It says something else.</exception>
    public static Options Read(IReadOnlyList<string> words)
    {
        var options = new Options(10, Environment.ProcessId, [], false, false);
        for (var i = 0; i < words.Count; i++)
        {
            options = words[i] switch
            {
                "--minutes" => options with { Minutes = double.Parse(Next(ref i), CultureInfo.InvariantCulture) },
                "--seed" => options with { Seed = int.Parse(Next(ref i), CultureInfo.InvariantCulture) },
                "--only" => options with { Only = Next(ref i).Split(',') },
                "--keep" => options with { Keeps = true },
                "--loopback" => options with { IsLoopback = true },
                var word => throw new ArgumentException($"there is no option {word}"),
            };
        }

        return options;

        string Next(ref int i) =>
            ++i < words.Count ? words[i] : throw new ArgumentException($"{words[i - 1]} wants a value");
    }
}
