using Microsoft.Extensions.Logging;

namespace Barnabas.Base;

/// <summary>Which loggers say how much; it can be changed while the node runs. Safe from any lane.</summary>
/// <remarks>A logger has the level set for its own name, else that of the nearest name above it (<c>Barnabas.Server</c>
/// is above <c>Barnabas.Server.SocketServer</c>), else that of <see cref="Root"/>, as in log4j.</remarks>
public sealed class LogLevels
{
    /// <summary>The name above all others.</summary>
    public const string Root = "root";

    private Picture _now;

    /// <summary>Levels of which only that of <see cref="Root"/> is set.</summary>
    public LogLevels(LogLevel root = LogLevel.Information)
    {
        var empty = PersistentMap<string, LogLevel>.Empty(StringComparer.Ordinal);
        _now = new Picture(empty.With(Root, root), empty);
    }

    /// <summary>The levels that are set, by name; <see cref="Root"/> is always among them.</summary>
    public PersistentMap<string, LogLevel> Set => Now.Set;

    /// <summary>Every logger there is and the level it has, by name, <see cref="Root"/> included.</summary>
    public PersistentMap<string, LogLevel> Effective => Now.Effective.With(Root, Of(Root));

    /// <summary>What stands now, as one object that changes whenever a level may have.</summary>
    internal Picture Now => Volatile.Read(ref _now);

    /// <summary>The level of a logger, whether it has been made or not.</summary>
    public LogLevel Of(string logger) => Now.Of(logger);

    /// <summary>True for <see cref="Root"/>, for a logger that has been made, and for a name above one.</summary>
    public bool IsKnown(string name) =>
        name == Root || Now.Effective.Any(logger => IsAbove(name, logger.Key));

    /// <summary>Sets the level of a name and of all below it that have none of their own.</summary>
    public void Change(string name, LogLevel level) =>
        Replace(now => new Picture(now.Set.With(name, level), now.Effective));

    /// <summary>Lets a name have the level of what is above it.</summary>
    /// <returns>False where none was set, and for <see cref="Root"/>, which has nothing above it.</returns>
    public bool Inherit(string name)
    {
        if (name == Root || !Set.ContainsKey(name))
            return false;
        Replace(now => new Picture(now.Set.Without(name), now.Effective));
        return true;
    }

    /// <summary>A switch for a logger: whether a level is on, at the cost of a comparison.</summary>
    public LogSwitch SwitchOf(string logger)
    {
        if (!Now.Effective.ContainsKey(logger))
            Replace(now => new Picture(now.Set, now.Effective.With(logger, LogLevel.None)));
        return new LogSwitch(this, logger);
    }

    private static bool IsAbove(string name, string logger) =>
        logger.StartsWith(name, StringComparison.Ordinal)
        && (logger.Length == name.Length || logger[name.Length] == '.');

    private void Replace(Func<Picture, Picture> change)
    {
        Picture before;
        do
            before = Volatile.Read(ref _now);
        while (Interlocked.CompareExchange(ref _now, change(before), before) != before);
    }

    /// <summary>The levels at a moment.</summary>
    internal sealed class Picture
    {
        internal Picture(PersistentMap<string, LogLevel> set, PersistentMap<string, LogLevel> loggers)
        {
            Set = set;
            var edit = loggers.BeginEdit();
            foreach (var (logger, _) in loggers)
                edit.Set(logger, Of(logger));
            Effective = edit.Done();
        }

        internal PersistentMap<string, LogLevel> Set { get; }

        internal PersistentMap<string, LogLevel> Effective { get; }

        internal LogLevel Of(string logger)
        {
            for (var name = logger; ; name = name[..name.LastIndexOf('.')])
            {
                if (Set.TryGetValue(name, out var level))
                    return level;
                if (!name.Contains('.', StringComparison.Ordinal))
                    return Set[Root];
            }
        }
    }
}
