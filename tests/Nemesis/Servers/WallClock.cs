using System.Buffers.Binary;
using Barnabas.Tests.Nemesis.Place;

namespace Barnabas.Tests.Nemesis.Servers;

/// <summary>The wall clock of one process, which can be set while it runs. Its monotonic clock goes on.</summary>
internal sealed class WallClock
{
    private readonly string _library;
    private readonly string _file;

    private WallClock(string library, string file)
    {
        (_library, _file) = (library, file);
        Set(TimeSpan.Zero);
    }

    /// <summary>What has to stand in the environment of the process.</summary>
    public IEnumerable<(string Name, string? Value)> Variables =>
        [("LD_PRELOAD", _library), ("BARNABAS_NEMESIS_CLOCK", _file)];

    /// <summary>Compiles what sets clocks.</summary>
    /// <returns>The library; or null, and why there is none.</returns>
    public static (string? Library, string? Why) Compile(string directory)
    {
        var library = Path.Combine(directory, "wallclock.so");
        var source = Path.Combine(AppContext.BaseDirectory, "Servers", "wallclock.c");
        var why = Shell.Try("gcc", "-O2", "-shared", "-fPIC", "-o", library, source, "-ldl");
        return (why is null ? library : null, why);
    }

    /// <summary>A clock that is right.</summary>
    /// <param name="library">What was compiled.</param>
    /// <param name="directory">A directory for the file that says how wrong it is.</param>
    public static WallClock In(string library, string directory)
    {
        Directory.CreateDirectory(directory);
        return new(library, Path.Combine(directory, "clock"));
    }

    /// <summary>Makes it wrong by so much, from now on.</summary>
    public void Set(TimeSpan wrongBy)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, wrongBy.Ticks * TimeSpan.NanosecondsPerTick);
        using var file = File.OpenHandle(_file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, bytes, 0);
    }
}
