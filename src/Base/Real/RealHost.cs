using Microsoft.Extensions.Logging;

namespace Barnabas.Base.Real;

/// <summary>The machine as a host.</summary>
public static class RealHost
{
    /// <summary>A host of the machine's clock, chance, network, disks and threads.</summary>
    /// <param name="log">Where it says what it does.</param>
    /// <param name="levels">How much the loggers say, where that can be changed.</param>
    public static Host Create(ILoggerFactory log, LogLevels? levels = null)
    {
        var lanes = new PoolLanes();
        return new Host(
            TimeProvider.System, new RealRandom(), new RealNetwork(log, lanes), new RealDisk(), lanes, log)
        {
            LogLevels = levels ?? new LogLevels(),
        };
    }

    /// <summary>Lets the threads that wait for sockets run what was waited for, which halves the cost of a
    /// small request. To be called before the process makes its first socket; a setting of the environment
    /// stands.</summary>
    public static void InlineCompletions()
    {
        const string setting = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
        if (Environment.GetEnvironmentVariable(setting) is null)
            Environment.SetEnvironmentVariable(setting, "1");
    }
}
