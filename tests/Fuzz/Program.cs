using System.Diagnostics;
using System.Globalization;
using Barnabas.Tests.Fuzz;

// Attacks a node with damaged requests of all keys and versions, first in simulated worlds, then over sockets.
//
//   Barnabas.Tests.Fuzz [--seconds N] [--seed S] [--simulated | --sockets] [--round]
//
// Half the time goes to each. A fault is told with its seed; --simulated --round --seed S plays that one world again.
var seconds = Number("--seconds", 60);
var seed = Number("--seed", 1);
var both = !args.Contains("--simulated") && !args.Contains("--sockets");
var time = TimeSpan.FromSeconds(both ? seconds / 2.0 : seconds);
var report = new FuzzReport();
using var watch = new Timer(_ => StopWhenStuck(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
try
{
    if (both || args.Contains("--simulated"))
        Simulate();
    if (both || args.Contains("--sockets"))
        await AttackProcessAsync();
}
catch (Exception fault)
{
    Console.WriteLine($"FAULT at {report.Now}\n{(fault is FuzzFault ? fault.Message : fault)}");
    Console.WriteLine("0 passed, 1 failed");
    return 1;
}

Console.WriteLine(report.Summary());
Console.WriteLine(both ? "2 passed, 0 failed" : "1 passed, 0 failed");
return 0;

void Simulate()
{
    var began = Stopwatch.GetTimestamp();
    var rounds = 0;
    do
        new Simulated(report).Play(seed + rounds++);
    while (!args.Contains("--round") && Stopwatch.GetElapsedTime(began) < time);
    Console.WriteLine($"{report.Cases} cases in {rounds} simulated worlds, seeds {seed} to {seed + rounds - 1}, from "
        + $"{CaseMaker.Kinds} requests and versions");
}

async Task AttackProcessAsync()
{
    var before = report.Cases;
    using var process = new RealProcess(report);
    await process.PlayAsync(seed, time);
    Console.WriteLine($"{report.Cases - before} cases over sockets, seed {seed}");
}

// A step of a simulated world that never ends cannot be cut short: the case is told, and that is all.
void StopWhenStuck()
{
    if (report.Cases == 0 || report.Since < TimeSpan.FromSeconds(60))
        return;
    Console.WriteLine($"FAULT: no end for {report.Since.TotalSeconds:0} s at {report.Now}\n0 passed, 1 failed");
    Environment.Exit(1);
}

int Number(string option, int standard)
{
    var at = Array.IndexOf(args, option);
    return at < 0 ? standard : int.Parse(args[at + 1], CultureInfo.InvariantCulture);
}
