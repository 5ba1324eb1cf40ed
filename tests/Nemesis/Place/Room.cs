using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Barnabas.Tests.Nemesis.Place;

/// <summary>Namespaces of our own for all that a run makes: processes, mounts, networks. They end with it, however it
/// ends: nothing is left to be cleaned up.</summary>
internal static class Room
{
    private const string Inside = "BARNABAS_NEMESIS_INSIDE";

    /// <summary>What runs beside a run makes it slow, and slow is what it must not take for dead. Where we may not have
    /// precedence, nice says so and goes on.</summary>
    private static readonly string[] First = ["nice", "-n", "-10"];

    private static readonly string[] Walls = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];

    /// <summary>What a run needs of them.</summary>
    private const string Trial = """
        mount -t tmpfs none /run && ip link add bridge type bridge && ip link set bridge up && ip netns add node &&
        ip link add node type veth peer name eth0 netns node && nsenter --net=/run/netns/node true &&
        echo 'table bridge trial { chain cut { type filter hook forward priority 0; ether type ip drop; }; }' | nft -f -
        """;

    /// <summary>True when this process runs in such namespaces.</summary>
    public static bool IsHere => Environment.GetEnvironmentVariable(Inside) == "1";

    /// <summary>Runs this program again in namespaces of its own.</summary>
    /// <returns>Its exit code; null where the machine does not allow them, and why.</returns>
    public static (int? Code, string? Why) Enter(IReadOnlyList<string> arguments)
    {
        string[][] ways = [["unshare", .. Walls], ["unshare", "--user", "--map-root-user", .. Walls]];
        string? why = null;
        foreach (var way in ways)
        {
            why = Shell.Try([.. way, "/bin/sh", "-c", Trial]);
            if (why is null)
                return (Run([.. First, .. way, Environment.ProcessPath!, .. Assembly(), .. arguments]), null);
        }

        return (null, why);
    }

    /// <summary>The program itself, where it is not its own executable.</summary>
    private static string[] Assembly() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? [Environment.GetCommandLineArgs()[0]]
        : [];

    private static int Run(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1));
        start.Environment[Inside] = "1";
        using var process = Process.Start(start)!;
        // Ctrl-C reaches the one inside too; whoever ends us ends it, and all its processes with it.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static told => told.Cancel = true);
        using var end = PosixSignalRegistration.Create(PosixSignal.SIGTERM, told =>
        {
            told.Cancel = true;
            process.Kill();
        });
        process.WaitForExit();
        return process.ExitCode;
    }
}
