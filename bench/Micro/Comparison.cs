using System.Diagnostics;
using System.Globalization;

namespace Barnabas.Bench.Micro;

/// <summary>Runs ways of doing the same work in turn, and prints the median speed of each and its ratio to
/// the first.</summary>
/// <remarks>Speeds are by processor time, so that a busy machine spoils them less.</remarks>
internal sealed class Comparison(string title, string unit)
{
    private const int Rounds = 7;

    /// <summary>Rounds for the compiler: tiering and profile are done after them.</summary>
    private const int WarmUp = 4;

    private static readonly TimeSpan RoundTime = TimeSpan.FromMilliseconds(100);


    private readonly List<(string Name, double Amount, Action Run)> _ways = [];

    /// <summary>Adds a way. One run of it does <paramref name="amount"/> of the unit's work.</summary>
    public Comparison Add(string name, double amount, Action run)
    {
        _ways.Add((name, amount, run));
        return this;
    }

    /// <summary>Measures and prints.</summary>
    public void Print()
    {
        var speeds = _ways.Select(_ => new List<double>()).ToArray();
        for (var round = -WarmUp; round < Rounds; round++)
        {
            for (var i = 0; i < _ways.Count; i++)
            {
                var speed = Measure(_ways[i].Amount, _ways[i].Run);
                if (round >= 0)
                    speeds[i].Add(speed);
            }
        }
        var medians = speeds.Select(s => s.Order().ElementAt(s.Count / 2)).ToArray();
        Console.WriteLine($"\n{title} [{unit}]");
        for (var i = 0; i < _ways.Count; i++)
        {
            var (speed, ratio) = (medians[i], medians[i] / medians[0]);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"  {_ways[i].Name,-40} {speed,10:0.00}  x{ratio:0.00}"));
        }
    }

    private static double Measure(double amount, Action run)
    {
        var wall = Stopwatch.StartNew();
        var before = Environment.CpuUsage.UserTime;
        var runs = 0;
        do
        {
            run();
            runs++;
        }
        while (wall.Elapsed < RoundTime);
        return amount * runs / (Environment.CpuUsage.UserTime - before).TotalSeconds;
    }
}
