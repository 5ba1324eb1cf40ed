using System.Runtime.InteropServices;
using Barnabas.Tests.Nemesis;
using Barnabas.Tests.Nemesis.Place;

// Puts a cluster of real processes through faults, and has the checker judge what its clients were told.
//
//   Barnabas.Tests.Nemesis [--minutes N] [--seed S] [--only KIND,KIND] [--keep] [--loopback]
Options options;
try
{
    options = Options.Read(args);
}
catch (Exception wrong) when (wrong is ArgumentException or FormatException)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 2;
}

if (!Room.IsHere && !options.IsLoopback)
{
    var (code, why) = Room.Enter([.. args, "--seed", $"{options.Seed}"]);
    if (code is not null)
        return code.Value;
    Console.WriteLine($"no namespaces here, so no faults of the network and no full disks: {why}");
}

// Whatever hangs, the run ends, and with it all that it started.
var limit = TimeSpan.FromMinutes(options.Minutes + 15);
using var overdue = new Timer(_ => End("it took too long", 1), null, limit, Timeout.InfiniteTimeSpan);
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, static _ => End("interrupted", 130));
var home = Directory.CreateDirectory(
    Path.Combine(Repository.Root, "artifacts", "nemesis", $"{options.Seed}")).FullName;
Directory.Delete(home, recursive: true);
Directory.CreateDirectory(home);
Console.WriteLine($"seed {options.Seed}, {options.Minutes} minutes, files in {home}");
using var run = new Run(options, home);
IReadOnlyList<string> faults;
try
{
    faults = await run.PlayAsync();
}
catch (PlaceException lacking)
{
    faults = [lacking.Message];
}
catch (Exception broken)
{
    // Whoever reads what a run printed is told what became of it, whatever that was.
    faults = [$"the run itself broke off: {broken}"];
}

foreach (var fault in faults)
    Console.WriteLine($"FAULT {fault}");
Console.WriteLine(faults.Count == 0 ? "1 passed, 0 failed" : $"logs and history are in {home}");
if (faults.Count > 0)
    Console.WriteLine("0 passed, 1 failed");
return faults.Count == 0 ? 0 : 1;

static void End(string why, int code)
{
    Console.WriteLine($"FAULT {why}\n0 passed, 1 failed");
    Environment.Exit(code);
}
